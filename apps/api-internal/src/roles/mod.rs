//! `/admin/roles`

mod body;
mod change;
mod create;
mod delete;
mod get;
mod list;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::App;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list::role_list, create::role_create)).routes(routes!(
        get::role_get,
        change::role_change,
        delete::role_delete
    ))
}
