//! `POST /resource-groups`

use axum::extract::State;
use http_kit::{Answer, Caller, Created, ValidJson};
use resource_group::CreateGroup;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{GroupBody, MemberBody};
use crate::App;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResourceGroupCreate {
    /// 1 to 100 characters, different from the groups beside it.
    #[schema(example = "North")]
    name: String,
    /// The group it lies below; at the top without it.
    parent_id: Option<Uuid>,
    /// At most 2,000.
    #[serde(default)]
    members: Vec<MemberBody>,
}

impl From<ResourceGroupCreate> for CreateGroup {
    fn from(body: ResourceGroupCreate) -> Self {
        Self {
            parent: body.parent_id.map(Into::into),
            name: body.name,
            members: body.members.into_iter().map(Into::into).collect(),
        }
    }
}

/// Make a group. Roles and API keys can then be limited to what it and those below it hold.
#[utoipa::path(
    post,
    path = "/resource-groups",
    tag = "resource groups",
    request_body = ResourceGroupCreate,
    responses((status = 201, description = "The group.", body = GroupBody,
               headers(("Location" = String), ("ETag" = String))))
)]
pub(crate) async fn resource_group_create(
    State(app): State<App>,
    Caller(scope): Caller,
    ValidJson(body): ValidJson<ResourceGroupCreate>,
) -> Answer<Created<GroupBody>> {
    let group = app.resource_groups.group_create(&scope, body.into()).await?;
    let (location, version) = (format!("/api/v1/resource-groups/{}", group.id), group.version);
    Ok(Created::new(location, GroupBody::from(group)).version(version))
}
