//! `/admin/users`

mod body;
mod change;
mod create;
mod delete;
mod get;
mod invite;
mod list;
mod sessions;

use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) use body::UserBody;
pub(crate) use sessions::SessionBody;

use crate::App;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::user_list, create::user_create))
        .routes(routes!(get::user_get, change::user_change, delete::user_delete))
        .routes(routes!(invite::user_invite))
        .routes(routes!(sessions::user_session_list))
        .routes(routes!(sessions::user_session_end))
}
