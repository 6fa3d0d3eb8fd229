//! `GET /admin/roles/{id}`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, ETag, PathId};
use kernel::RoleId;

use super::body::RoleBody;
use crate::App;

/// One role.
#[utoipa::path(
    get,
    path = "/admin/roles/{id}",
    tag = "administration",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The role.", body = RoleBody, headers(("ETag" = String))))
)]
pub(crate) async fn role_get(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<RoleId>,
) -> Answer<(ETag, Json<RoleBody>)> {
    let role = app.access.roles.role_get(&scope, id).await?;
    Ok((ETag(role.version), Json(role.into())))
}
