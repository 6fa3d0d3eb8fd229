//! `DELETE /admin/users/{id}`

use axum::extract::State;
use http_kit::{Answer, Caller, IfMatch, NoContent, PathId};
use kernel::UserId;

use crate::App;

/// Delete a user with their sessions. The audit trail keeps what they did.
#[utoipa::path(
    delete,
    path = "/admin/users/{id}",
    tag = "administration",
    params(("id" = Uuid, Path)),
    responses((status = 204, description = "They are gone."))
)]
pub(crate) async fn user_delete(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<UserId>,
    IfMatch(expected): IfMatch,
) -> Answer<NoContent> {
    app.access.users.user_delete(&scope, id, expected).await?;
    Ok(NoContent)
}
