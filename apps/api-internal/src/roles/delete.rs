//! `DELETE /admin/roles/{id}`

use axum::extract::State;
use http_kit::{Answer, Caller, IfMatch, NoContent, PathId};
use kernel::RoleId;

use crate::App;

/// Delete a role that nobody has any more.
#[utoipa::path(
    delete,
    path = "/admin/roles/{id}",
    tag = "administration",
    params(("id" = Uuid, Path)),
    responses((status = 204, description = "It is gone."))
)]
pub(crate) async fn role_delete(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<RoleId>,
    IfMatch(expected): IfMatch,
) -> Answer<NoContent> {
    app.access.roles.role_delete(&scope, id, expected).await?;
    Ok(NoContent)
}
