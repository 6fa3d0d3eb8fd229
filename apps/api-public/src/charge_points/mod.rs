//! `/charge-points`

mod body;
mod get;
mod list;
pub(crate) mod words;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::App;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list::charge_point_list)).routes(routes!(get::charge_point_get))
}
