//! `/admin/dead-letters`

mod body;
mod delete;
mod list;
mod replay;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::App;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::dead_letter_list))
        .routes(routes!(delete::dead_letter_delete))
        .routes(routes!(replay::dead_letter_replay))
}
