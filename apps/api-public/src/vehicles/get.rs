//! `GET /vehicles/{id}`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, ETag, PathId};
use kernel::VehicleId;

use super::body::VehicleBody;
use crate::App;

/// One vehicle.
#[utoipa::path(
    get,
    path = "/vehicles/{id}",
    tag = "vehicles",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The vehicle.", body = VehicleBody, headers(("ETag" = String))))
)]
pub(crate) async fn vehicle_get(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<VehicleId>,
) -> Answer<(ETag, Json<VehicleBody>)> {
    let vehicle = app.vehicles.vehicle_get(&scope, id).await?;
    Ok((ETag(vehicle.version), Json(vehicle.into())))
}
