//! `/me`

mod get;
mod sessions;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::App;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get::me_get))
        .routes(routes!(sessions::my_session_list, sessions::my_sessions_end))
        .routes(routes!(sessions::my_session_end))
}
