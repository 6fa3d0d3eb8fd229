//! `/webhooks` with their deliveries.

mod body;
mod change;
mod create;
mod delete;
mod deliveries;
mod get;
mod list;
mod replay;
mod rotate;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::App;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::webhook_list, create::webhook_create))
        .routes(routes!(get::webhook_get, change::webhook_change, delete::webhook_delete))
        .routes(routes!(rotate::webhook_secret_rotate))
        .routes(routes!(deliveries::webhook_delivery_list))
        .routes(routes!(replay::webhook_delivery_replay))
}
