//! `DELETE /resource-groups/{id}`

use axum::extract::State;
use http_kit::{Answer, Caller, IfMatch, NoContent, PathId};
use kernel::ResourceGroupId;

use crate::App;

/// Remove a group; what it held stays. 409 `group_has_children` while groups lie below it, and
/// `group_granted` while roles or API keys are granted on it.
#[utoipa::path(
    delete,
    path = "/resource-groups/{id}",
    tag = "resource groups",
    params(("id" = Uuid, Path)),
    responses((status = 204, description = "It is gone."))
)]
pub(crate) async fn resource_group_delete(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<ResourceGroupId>,
    IfMatch(expected): IfMatch,
) -> Answer<NoContent> {
    app.resource_groups.group_delete(&scope, id, expected).await?;
    Ok(NoContent)
}
