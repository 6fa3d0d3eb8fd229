//! `POST /depots/{id}/plan`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, PathId};
use kernel::DepotId;

use super::body::PlanBody;
use crate::App;

/// Plan a depot now, whatever its present plan.
#[utoipa::path(
    post,
    path = "/depots/{id}/plan",
    tag = "charging",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The new plan.", body = PlanBody))
)]
pub(crate) async fn plan_now(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(depot): PathId<DepotId>,
) -> Answer<Json<PlanBody>> {
    Ok(Json(app.plans.plan_now(&scope, depot).await?.into()))
}
