//! `/alerts`

mod acknowledge;
mod body;
mod deliveries;
mod get;
mod list;
mod words;

use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) use words::{KindWord, SeverityWord};

use crate::App;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::alert_list))
        .routes(routes!(get::alert_get))
        .routes(routes!(acknowledge::alert_acknowledge))
        .routes(routes!(deliveries::alert_delivery_list))
}
