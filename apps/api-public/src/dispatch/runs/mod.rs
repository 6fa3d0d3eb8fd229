//! `/dispatch/runs`

mod body;
mod change;
mod create;
mod delete;
mod get;
mod list;

use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) use body::RunBody;

use crate::App;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list::run_list, create::run_create)).routes(routes!(
        get::run_get,
        change::run_change,
        delete::run_delete
    ))
}
