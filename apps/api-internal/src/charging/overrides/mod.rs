//! `/charging/overrides`

mod body;
mod create;
mod delete;
mod get;
mod list;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::App;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::charging_override_list, create::charging_override_create))
        .routes(routes!(get::charging_override_get, delete::charging_override_delete))
}
