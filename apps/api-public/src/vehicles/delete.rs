//! `DELETE /vehicles/{id}`

use axum::extract::State;
use http_kit::{Answer, Caller, IfMatch, NoContent, PathId};
use kernel::VehicleId;

use crate::App;

/// Remove a vehicle from the fleet. Its transactions stay.
#[utoipa::path(
    delete,
    path = "/vehicles/{id}",
    tag = "vehicles",
    params(("id" = Uuid, Path)),
    responses((status = 204, description = "It is gone."))
)]
pub(crate) async fn vehicle_delete(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<VehicleId>,
    IfMatch(expected): IfMatch,
) -> Answer<NoContent> {
    app.vehicles.vehicle_delete(&scope, id, expected).await?;
    Ok(NoContent)
}
