//! `PATCH /admin/roles/{id}`

use access::ChangeRole;
use axum::{Json, extract::State};
use http_kit::{Answer, Caller, ETag, IfMatch, PathId, ValidJson, not_null};
use kernel::{PermissionSet, RoleId};
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::RoleBody;
use crate::App;

/// A merge patch: what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoleChange {
    #[serde(default, deserialize_with = "not_null")]
    name: Option<String>,
    /// All permissions of the role from now on.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(value_type = Option<Vec<String>>)]
    permissions: Option<PermissionSet>,
}

impl From<RoleChange> for ChangeRole {
    fn from(body: RoleChange) -> Self {
        Self { name: body.name, permissions: body.permissions }
    }
}

/// Change a role. Only who holds the permissions it gains or loses may; built-in roles stay.
#[utoipa::path(
    patch,
    path = "/admin/roles/{id}",
    tag = "administration",
    params(("id" = Uuid, Path)),
    request_body = RoleChange,
    responses((status = 200, description = "The role as it is now.", body = RoleBody, headers(("ETag" = String))))
)]
pub(crate) async fn role_change(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<RoleId>,
    IfMatch(expected): IfMatch,
    ValidJson(body): ValidJson<RoleChange>,
) -> Answer<(ETag, Json<RoleBody>)> {
    let role = app.access.roles.role_change(&scope, id, expected, body.into()).await?;
    Ok((ETag(role.version), Json(role.into())))
}
