//! `GET /depots/{id}/plan-vs-actual`

use axum::{Json, extract::State};
use charging::PlannedAndActual;
use chrono::{DateTime, Utc};
use http_kit::{Answer, Caller, PathId, ValidQuery};
use kernel::{DepotId, W};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::App;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SpanQuery {
    /// Slots that begin at or after; a day before `to` where absent.
    from: Option<DateTime<Utc>>,
    /// Slots that begin before; now, or a day after `from`, where absent. At most 32 days after `from`.
    to: Option<DateTime<Utc>>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PlanVsActual)]
pub(crate) struct ComparisonBody {
    slots: Vec<ComparisonSlot>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PlanVsActualSlot)]
pub(crate) struct ComparisonSlot {
    from: DateTime<Utc>,
    /// What chargers were to draw together, by the plan that held when the slot began; of slots to come, by
    /// the present one. Null where there was no plan.
    #[schema(required)]
    planned_kw: Option<f64>,
    /// The mean of what they were measured to draw; null until the slot has ended.
    #[schema(required)]
    actual_kw: Option<f64>,
    /// How much more was drawn than planned.
    #[schema(required)]
    deviation_kw: Option<f64>,
}

impl From<PlannedAndActual> for ComparisonSlot {
    fn from(slot: PlannedAndActual) -> Self {
        Self {
            from: slot.at,
            planned_kw: slot.planned.map(W::to_kilo),
            actual_kw: slot.actual.map(W::to_kilo),
            deviation_kw: slot.deviation().map(W::to_kilo),
        }
    }
}

/// What chargers of a depot were to draw, and what they drew.
#[utoipa::path(
    get,
    path = "/depots/{id}/plan-vs-actual",
    tag = "charging",
    params(("id" = Uuid, Path), SpanQuery),
    responses((status = 200, description = "By quarter of an hour.", body = ComparisonBody))
)]
pub(crate) async fn plan_vs_actual(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(depot): PathId<DepotId>,
    ValidQuery(span): ValidQuery<SpanQuery>,
) -> Answer<Json<ComparisonBody>> {
    let slots = app.plans.plan_vs_actual(&scope, depot, span.from, span.to).await?;
    Ok(Json(ComparisonBody { slots: slots.into_iter().map(ComparisonSlot::from).collect() }))
}
