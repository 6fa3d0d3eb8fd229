//! `DELETE /admin/api-keys/{id}`

use axum::extract::State;
use http_kit::{Answer, Caller, IfMatch, NoContent, PathId};
use kernel::ApiKeyId;

use crate::App;

/// Revoke a key for good. It stays in the list, so that the audit trail can be read.
#[utoipa::path(
    delete,
    path = "/admin/api-keys/{id}",
    tag = "administration",
    params(("id" = Uuid, Path)),
    responses((status = 204, description = "It is no longer good."))
)]
pub(crate) async fn api_key_revoke(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<ApiKeyId>,
    IfMatch(expected): IfMatch,
) -> Answer<NoContent> {
    app.access.api_keys.api_key_revoke(&scope, id, expected).await?;
    Ok(NoContent)
}
