//! `DELETE /charge-points/{id}`

use axum::extract::State;
use http_kit::{Answer, Caller, IfMatch, NoContent, PathId};
use kernel::ChargePointId;

use crate::App;

/// Remove a charge point, with its orders and settings. Its transactions stay.
///
/// Refused while a transaction runs at it.
#[utoipa::path(
    delete,
    path = "/charge-points/{id}",
    tag = "charge points",
    params(("id" = Uuid, Path)),
    responses((status = 204, description = "It is gone."))
)]
pub(crate) async fn charge_point_delete(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<ChargePointId>,
    IfMatch(expected): IfMatch,
) -> Answer<NoContent> {
    app.charge_points.charge_point_delete(&scope, id, expected).await?;
    Ok(NoContent)
}
