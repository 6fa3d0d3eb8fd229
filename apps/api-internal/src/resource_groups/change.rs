//! `PATCH /resource-groups/{id}`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, ETag, IfMatch, Patch, PathId, ValidJson, not_null};
use kernel::ResourceGroupId;
use resource_group::ChangeGroup;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::GroupBody;
use crate::App;

/// A merge patch: what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResourceGroupChange {
    #[serde(default, deserialize_with = "not_null")]
    name: Option<String>,
    /// Moves the group with all below it; `null` moves it to the top.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    parent_id: Patch<Uuid>,
}

impl From<ResourceGroupChange> for ChangeGroup {
    fn from(body: ResourceGroupChange) -> Self {
        Self { parent: body.parent_id.0.map(Into::into), name: body.name }
    }
}

/// Rename or move a group. A move below itself is refused.
#[utoipa::path(
    patch,
    path = "/resource-groups/{id}",
    tag = "resource groups",
    params(("id" = Uuid, Path)),
    request_body = ResourceGroupChange,
    responses((status = 200, description = "The group as it is now.", body = GroupBody,
               headers(("ETag" = String))))
)]
pub(crate) async fn resource_group_change(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<ResourceGroupId>,
    IfMatch(expected): IfMatch,
    ValidJson(body): ValidJson<ResourceGroupChange>,
) -> Answer<(ETag, Json<GroupBody>)> {
    let group = app.resource_groups.group_change(&scope, id, expected, body.into()).await?;
    Ok((ETag(group.version), Json(group.into())))
}
