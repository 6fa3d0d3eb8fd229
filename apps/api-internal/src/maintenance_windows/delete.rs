//! `DELETE /maintenance-windows/{id}`

use axum::extract::State;
use http_kit::{Answer, Caller, IfMatch, NoContent, PathId};
use kernel::MaintenanceWindowId;

use crate::App;

/// Take a maintenance window back: its time counts as any other.
#[utoipa::path(
    delete,
    path = "/maintenance-windows/{id}",
    tag = "charge points",
    params(("id" = Uuid, Path)),
    responses((status = 204, description = "It is gone."))
)]
pub(crate) async fn maintenance_window_delete(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<MaintenanceWindowId>,
    IfMatch(expected): IfMatch,
) -> Answer<NoContent> {
    app.uptime.maintenance_delete(&scope, id, expected).await?;
    Ok(NoContent)
}
