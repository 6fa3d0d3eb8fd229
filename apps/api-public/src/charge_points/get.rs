//! `GET /charge-points/{id}`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, ETag, PathId};
use kernel::ChargePointId;

use super::body::ChargePointBody;
use crate::App;

/// One charge point.
///
/// Its version counts what operators change, not what the charger reports.
#[utoipa::path(
    get,
    path = "/charge-points/{id}",
    tag = "charge points",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The charge point.", body = ChargePointBody,
               headers(("ETag" = String))))
)]
pub(crate) async fn charge_point_get(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<ChargePointId>,
) -> Answer<(ETag, Json<ChargePointBody>)> {
    let charge_point = app.charge_points.charge_point_get(&scope, id).await?;
    Ok((ETag(charge_point.version), Json(charge_point.into())))
}
