//! `/depots/{id}/allocation` and `/charging`

mod allocation;
mod allocation_preview;
mod live;
mod overrides;
mod plan_preview;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::App;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(allocation::allocation_get))
        .routes(routes!(live::depot_live))
        .routes(routes!(allocation_preview::allocation_preview))
        .routes(routes!(plan_preview::plan_preview))
        .merge(overrides::router())
}
