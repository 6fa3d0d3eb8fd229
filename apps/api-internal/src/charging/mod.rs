//! `/depots/{id}/allocation`, `/depots/{id}/plan` and `/charging`

mod allocation;
mod allocation_preview;
mod live;
mod overrides;
mod plan;
mod plan_preview;
mod plan_vs_actual;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::App;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(allocation::allocation_get))
        .routes(routes!(live::depot_live))
        .routes(routes!(allocation_preview::allocation_preview))
        .routes(routes!(plan_preview::plan_preview))
        .routes(routes!(plan::get::plan_get, plan::now::plan_now))
        .routes(routes!(plan_vs_actual::plan_vs_actual))
        .merge(overrides::router())
}
