//! `/maintenance-windows`

mod body;
mod create;
mod delete;
mod get;
mod list;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::App;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::maintenance_window_list, create::maintenance_window_create))
        .routes(routes!(get::maintenance_window_get, delete::maintenance_window_delete))
}
