//! `/reports`

mod archive;
mod body;
mod cancel;
mod create;
mod file;
mod get;
mod kinds;
mod list;
mod schedules;
mod words;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::App;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(archive::report_list))
        .routes(routes!(kinds::report_kind_list))
        .routes(routes!(list::report_run_list, create::report_run_create))
        .routes(routes!(get::report_run_get))
        .routes(routes!(cancel::report_run_cancel))
        .merge(schedules::router())
}

/// What needs no credentials but the link itself.
pub(crate) fn open_router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(file::report_file_get))
}
