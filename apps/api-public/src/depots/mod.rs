//! `/depots`

mod body;
mod get;
mod list;
mod overview;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::App;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::depot_list))
        .routes(routes!(get::depot_get))
        .routes(routes!(overview::depot_overview))
}
