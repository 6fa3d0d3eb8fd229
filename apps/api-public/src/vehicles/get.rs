//! `GET /vehicles/{id}`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, PathId};
use kernel::VehicleId;

use super::body::VehicleBody;
use crate::App;

/// One vehicle.
#[utoipa::path(
    get,
    path = "/vehicles/{id}",
    tag = "vehicles",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The vehicle.", body = VehicleBody))
)]
pub(crate) async fn vehicle_get(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<VehicleId>,
) -> Answer<Json<VehicleBody>> {
    Ok(Json(app.vehicles.vehicle_get(&scope, id).await?.into()))
}
