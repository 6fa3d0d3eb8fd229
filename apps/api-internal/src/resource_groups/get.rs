//! `GET /resource-groups/{id}`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, ETag, PathId};
use kernel::ResourceGroupId;

use super::body::GroupBody;
use crate::App;

/// One group.
#[utoipa::path(
    get,
    path = "/resource-groups/{id}",
    tag = "resource groups",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The group.", body = GroupBody, headers(("ETag" = String))))
)]
pub(crate) async fn resource_group_get(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<ResourceGroupId>,
) -> Answer<(ETag, Json<GroupBody>)> {
    let group = app.resource_groups.group_get(&scope, id).await?;
    Ok((ETag(group.version), Json(group.into())))
}
