//! `GET /maintenance-windows/{id}`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, ETag, PathId};
use kernel::MaintenanceWindowId;

use super::body::WindowBody;
use crate::App;

/// One maintenance window.
#[utoipa::path(
    get,
    path = "/maintenance-windows/{id}",
    tag = "charge points",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The window.", body = WindowBody, headers(("ETag" = String))))
)]
pub(crate) async fn maintenance_window_get(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<MaintenanceWindowId>,
) -> Answer<(ETag, Json<WindowBody>)> {
    let window = app.uptime.maintenance_get(&scope, id).await?;
    Ok((ETag(window.version), Json(window.into())))
}
