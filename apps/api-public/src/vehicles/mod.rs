//! `/vehicles` and `/telematics`

mod body;
mod change;
mod create;
mod delete;
mod get;
mod list;
mod report_soc;
mod telematics;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::App;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::vehicle_list, create::vehicle_create))
        .routes(routes!(get::vehicle_get, change::vehicle_change, delete::vehicle_delete))
        .routes(routes!(report_soc::soc_report))
        .routes(routes!(telematics::telematics_report))
}
