//! `/priority/overrides`

mod body;
mod create;
mod delete;
mod get;
mod list;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::App;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::priority_override_list, create::priority_override_create))
        .routes(routes!(get::priority_override_get, delete::priority_override_delete))
}
