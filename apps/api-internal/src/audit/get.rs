//! `GET /admin/audit/{id}`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, PathId};
use kernel::AuditId;

use super::body::AuditBody;
use crate::App;

/// One entry of the trail.
#[utoipa::path(
    get,
    path = "/admin/audit/{id}",
    tag = "administration",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The entry.", body = AuditBody))
)]
pub(crate) async fn audit_get(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<AuditId>,
) -> Answer<Json<AuditBody>> {
    Ok(Json(app.access.audit.audit_get(&scope, id).await?.into()))
}
