//! `POST /admin/roles`

use access::CreateRole;
use axum::extract::State;
use http_kit::{Answer, Caller, Created, ValidJson};
use kernel::PermissionSet;
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::RoleBody;
use crate::App;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoleCreate {
    /// 1 to 100 characters, unique among roles.
    name: String,
    /// Permissions that the caller has.
    #[schema(value_type = Vec<String>, example = json!(["depot:read", "vehicle:write"]))]
    permissions: PermissionSet,
}

impl From<RoleCreate> for CreateRole {
    fn from(body: RoleCreate) -> Self {
        Self { name: body.name, permissions: body.permissions }
    }
}

/// Make a role: a named set of permissions.
#[utoipa::path(
    post,
    path = "/admin/roles",
    tag = "administration",
    request_body = RoleCreate,
    responses((status = 201, description = "The role.", body = RoleBody,
               headers(("Location" = String), ("ETag" = String))))
)]
pub(crate) async fn role_create(
    State(app): State<App>,
    Caller(scope): Caller,
    ValidJson(body): ValidJson<RoleCreate>,
) -> Answer<Created<RoleBody>> {
    let role = app.access.roles.role_create(&scope, body.into()).await?;
    let (location, version) = (format!("/api/v1/admin/roles/{}", role.id), role.version);
    Ok(Created::new(location, RoleBody::from(role)).version(version))
}
