//! `POST /admin/users`

use std::collections::BTreeSet;

use access::CreateUser;
use axum::{Extension, extract::State};
use http_kit::{Answer, Caller, Created, OnReplay, ValidJson};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{GrantBody, InvitedBody};
use crate::App;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserCreate {
    /// Unique in the whole installation.
    email: String,
    /// 1 to 100 characters.
    display_name: String,
    /// 8 to 256 characters. Without it the user is invited to choose one.
    #[schema(format = Password)]
    password: Option<String>,
    /// They may give no permission that the caller lacks.
    #[serde(default)]
    role_ids: BTreeSet<Uuid>,
    /// Roles within resource groups.
    #[serde(default)]
    grants: Vec<GrantBody>,
}

impl From<UserCreate> for CreateUser {
    fn from(body: UserCreate) -> Self {
        Self {
            email: body.email,
            display_name: body.display_name,
            password: body.password,
            roles: body.role_ids.into_iter().map(Into::into).collect(),
            grants: body.grants.into_iter().map(Into::into).collect(),
        }
    }
}

/// Let a person sign in, with a password or by an invitation.
#[utoipa::path(
    post,
    path = "/admin/users",
    tag = "administration",
    request_body = UserCreate,
    responses((status = 201, description = "The user.", body = InvitedBody,
               headers(("Location" = String), ("ETag" = String))))
)]
pub(crate) async fn user_create(
    State(app): State<App>,
    Caller(scope): Caller,
    ValidJson(body): ValidJson<UserCreate>,
) -> Answer<(Extension<OnReplay>, Created<InvitedBody>)> {
    let (user, invited) = app.access.users.user_create(&scope, body.into()).await?;
    let (location, version) = (format!("/api/v1/admin/users/{}", user.id), user.version);
    let body = InvitedBody::new(user, invited.map(|invited| invited.token));
    let replay = OnReplay::json(&body.without_token());
    Ok((Extension(replay), Created::new(location, body).version(version)))
}
