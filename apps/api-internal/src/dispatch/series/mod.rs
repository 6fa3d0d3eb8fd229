//! `/dispatch/series`

mod body;
mod change;
mod create;
mod delete;
mod get;
mod list;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::App;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list::run_series_list, create::run_series_create)).routes(routes!(
        get::run_series_get,
        change::run_series_change,
        delete::run_series_delete
    ))
}
