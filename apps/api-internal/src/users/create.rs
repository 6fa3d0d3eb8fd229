//! `POST /admin/users`

use std::collections::BTreeSet;

use access::CreateUser;
use axum::extract::State;
use http_kit::{Answer, Caller, Created, ValidJson};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::UserBody;
use crate::App;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserCreate {
    /// Unique in the whole installation.
    email: String,
    /// 1 to 100 characters.
    display_name: String,
    /// 8 to 256 characters.
    #[schema(format = Password)]
    password: String,
    /// They may give no permission that the caller lacks.
    #[serde(default)]
    role_ids: BTreeSet<Uuid>,
}

impl From<UserCreate> for CreateUser {
    fn from(body: UserCreate) -> Self {
        Self {
            email: body.email,
            display_name: body.display_name,
            password: body.password,
            roles: body.role_ids.into_iter().map(Into::into).collect(),
        }
    }
}

/// Let a person sign in.
#[utoipa::path(
    post,
    path = "/admin/users",
    tag = "administration",
    request_body = UserCreate,
    responses((status = 201, description = "The user.", body = UserBody,
               headers(("Location" = String), ("ETag" = String))))
)]
pub(crate) async fn user_create(
    State(app): State<App>,
    Caller(scope): Caller,
    ValidJson(body): ValidJson<UserCreate>,
) -> Answer<Created<UserBody>> {
    let user = app.access.users.user_create(&scope, body.into()).await?;
    let (location, version) = (format!("/api/v1/admin/users/{}", user.id), user.version);
    Ok(Created::new(location, UserBody::from(user)).version(version))
}
