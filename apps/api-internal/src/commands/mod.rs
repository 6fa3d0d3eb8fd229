//! `/charge-points/{id}/commands` and `/commands`

pub(crate) mod body;
mod get;
mod list;
mod order;
mod profile;
mod request;
mod words;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::App;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::command_list, request::command_request))
        .routes(routes!(get::command_get))
}
