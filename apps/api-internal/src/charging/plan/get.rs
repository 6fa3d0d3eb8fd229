//! `GET /depots/{id}/plan`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, PathId};
use kernel::DepotId;

use super::body::PlanBody;
use crate::App;

/// The plan of a depot's next day: who is to take how much when, what it costs, and what stands in the way.
#[utoipa::path(
    get,
    path = "/depots/{id}/plan",
    tag = "charging",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The newest plan; without times before the first.", body = PlanBody))
)]
pub(crate) async fn plan_get(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(depot): PathId<DepotId>,
) -> Answer<Json<PlanBody>> {
    let found = app.plans.plan_get(&scope, depot).await?;
    Ok(Json(found.map(PlanBody::from).unwrap_or_default()))
}
