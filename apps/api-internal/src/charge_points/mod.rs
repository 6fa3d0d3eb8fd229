//! `/charge-points`

mod body;
mod change;
mod configuration;
mod create;
mod delete;
mod get;
mod layout;
mod list;
mod uptime;
pub(crate) mod words;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::App;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::charge_point_list, create::charge_point_create))
        .routes(routes!(get::charge_point_get, change::charge_point_change, delete::charge_point_delete))
        .routes(routes!(configuration::configuration_list))
        .routes(routes!(uptime::charge_point_uptime))
}
