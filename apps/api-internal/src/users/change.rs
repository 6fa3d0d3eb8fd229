//! `PATCH /admin/users/{id}`

use std::collections::BTreeSet;

use access::ChangeUser;
use axum::{Json, extract::State};
use http_kit::{Answer, Caller, ETag, IfMatch, PathId, ValidJson, not_null};
use kernel::UserId;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{GrantBody, UserBody};
use crate::App;

/// A merge patch: what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserChange {
    #[serde(default, deserialize_with = "not_null")]
    email: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    display_name: Option<String>,
    /// Ends all sessions of the user.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(format = Password)]
    password: Option<String>,
    /// `false` ends all sessions of the user.
    #[serde(default, deserialize_with = "not_null")]
    active: Option<bool>,
    /// All roles of the user in the whole organisation from now on.
    #[serde(default, deserialize_with = "not_null")]
    role_ids: Option<BTreeSet<Uuid>>,
    /// All roles within resource groups from now on.
    #[serde(default, deserialize_with = "not_null")]
    grants: Option<Vec<GrantBody>>,
}

impl From<UserChange> for ChangeUser {
    fn from(body: UserChange) -> Self {
        Self {
            email: body.email,
            display_name: body.display_name,
            password: body.password,
            active: body.active,
            roles: body.role_ids.map(|ids| ids.into_iter().map(Into::into).collect()),
            grants: body.grants.map(|grants| grants.into_iter().map(Into::into).collect()),
        }
    }
}

/// Change a user. Only who holds all permissions of the user may, and the last administrator stays
/// one.
#[utoipa::path(
    patch,
    path = "/admin/users/{id}",
    tag = "administration",
    params(("id" = Uuid, Path)),
    request_body = UserChange,
    responses((status = 200, description = "The user as they are now.", body = UserBody,
               headers(("ETag" = String))))
)]
pub(crate) async fn user_change(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<UserId>,
    IfMatch(expected): IfMatch,
    ValidJson(body): ValidJson<UserChange>,
) -> Answer<(ETag, Json<UserBody>)> {
    let user = app.access.users.user_change(&scope, id, expected, body.into()).await?;
    Ok((ETag(user.version), Json(user.into())))
}
