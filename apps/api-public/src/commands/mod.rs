//! `/charge-points/{id}/commands` and `/commands`

mod body;
mod get;
mod order;
mod request;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::App;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(request::command_request)).routes(routes!(get::command_get))
}
