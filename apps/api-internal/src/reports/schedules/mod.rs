//! `/reports/schedules`

mod body;
mod change;
mod create;
mod delete;
mod get;
mod list;
mod run;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::App;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::report_schedule_list, create::report_schedule_create))
        .routes(routes!(
            get::report_schedule_get,
            change::report_schedule_change,
            delete::report_schedule_delete
        ))
        .routes(routes!(run::report_schedule_run))
}
