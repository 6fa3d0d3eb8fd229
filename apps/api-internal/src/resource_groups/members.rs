//! `/resource-groups/{id}/members`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, ETag, IfMatch, NoContent, PathId, ValidJson};
use kernel::ResourceGroupId;
use resource_group::MemberKind;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{GroupBody, KindWord, MemberBody};
use crate::App;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MembersPut {
    /// All members from now on; at most 2,000.
    members: Vec<MemberBody>,
}

/// Replace what a group holds.
#[utoipa::path(
    put,
    path = "/resource-groups/{id}/members",
    tag = "resource groups",
    params(("id" = Uuid, Path)),
    request_body = MembersPut,
    responses((status = 200, description = "The group as it is now.", body = GroupBody,
               headers(("ETag" = String))))
)]
pub(crate) async fn resource_group_members_put(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<ResourceGroupId>,
    IfMatch(expected): IfMatch,
    ValidJson(body): ValidJson<MembersPut>,
) -> Answer<(ETag, Json<GroupBody>)> {
    let members = body.members.into_iter().map(Into::into).collect();
    let group = app.resource_groups.members_put(&scope, id, expected, members).await?;
    Ok((ETag(group.version), Json(group.into())))
}

/// Let a group hold one thing more. Doing it again changes nothing.
#[utoipa::path(
    put,
    path = "/resource-groups/{id}/members/{type}/{member_id}",
    tag = "resource groups",
    params(("id" = Uuid, Path), ("type" = KindWord, Path), ("member_id" = Uuid, Path)),
    responses((status = 204, description = "The group holds it."))
)]
pub(crate) async fn resource_group_member_add(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId((id, kind, member)): PathId<(ResourceGroupId, KindWord, Uuid)>,
) -> Answer<NoContent> {
    app.resource_groups.member_add(&scope, id, MemberKind::from(kind).member(member)).await?;
    Ok(NoContent)
}

/// Take one thing out of a group. What a depot brings along stays until the depot goes.
#[utoipa::path(
    delete,
    path = "/resource-groups/{id}/members/{type}/{member_id}",
    tag = "resource groups",
    params(("id" = Uuid, Path), ("type" = KindWord, Path), ("member_id" = Uuid, Path)),
    responses((status = 204, description = "The group does not hold it itself any more."))
)]
pub(crate) async fn resource_group_member_remove(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId((id, kind, member)): PathId<(ResourceGroupId, KindWord, Uuid)>,
) -> Answer<NoContent> {
    app.resource_groups.member_remove(&scope, id, MemberKind::from(kind).member(member)).await?;
    Ok(NoContent)
}
