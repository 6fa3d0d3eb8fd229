//! `/dispatch/runs`

mod body;
mod cancel;
mod change;
mod create;
mod delete;
mod depart;
mod get;
mod list;

use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) use body::RunBody;

use crate::App;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::run_list, create::run_create))
        .routes(routes!(get::run_get, change::run_change, delete::run_delete))
        .routes(routes!(depart::run_depart))
        .routes(routes!(cancel::run_cancel))
}
