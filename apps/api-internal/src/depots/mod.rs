//! `/depots` with their yards, tariffs and overview.

mod bays;
mod body;
mod depot;
mod overview;
mod tariff;
mod zones;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::App;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(depot::depot_list, depot::depot_create))
        .routes(routes!(depot::depot_get, depot::depot_change, depot::depot_delete))
        .routes(routes!(overview::depot_overview))
        .routes(routes!(zones::zone_list, zones::zone_create))
        .routes(routes!(zones::zone_get, zones::zone_change, zones::zone_delete))
        .routes(routes!(bays::bay_list, bays::bay_create))
        .routes(routes!(bays::bay_get, bays::bay_change, bays::bay_delete))
        .routes(routes!(tariff::tariff_get, tariff::tariff_put, tariff::tariff_delete))
}
