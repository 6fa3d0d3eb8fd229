//! `/vehicles`

mod body;
mod get;
mod list;
mod report_soc;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::App;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::vehicle_list))
        .routes(routes!(get::vehicle_get))
        .routes(routes!(report_soc::soc_report))
}
