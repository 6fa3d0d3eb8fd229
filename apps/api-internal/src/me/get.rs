//! `GET /me`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller};
use kernel::PermissionSet;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{App, organisation::OrganisationBody, users::UserBody};

#[derive(Serialize, ToSchema)]
pub(crate) struct Me {
    user: UserBody,
    organisation: OrganisationBody,
    /// What the caller may do in the whole organisation, as `domain:action`.
    permissions: Vec<&'static str>,
    /// What the caller may do within resource groups and those below them.
    grants: Vec<MyGrant>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct MyGrant {
    resource_group_id: Uuid,
    permissions: Vec<&'static str>,
}

fn words(permissions: &PermissionSet) -> Vec<&'static str> {
    permissions.iter().map(|permission| permission.as_str()).collect()
}

/// Who is signed in, and what they may do.
#[utoipa::path(
    get,
    path = "/me",
    tag = "sign-in",
    responses((status = 200, description = "The caller.", body = Me))
)]
pub(crate) async fn me_get(State(app): State<App>, Caller(scope): Caller) -> Answer<Json<Me>> {
    let profile = app.access.organisations.profile(&scope).await?;
    Ok(Json(Me {
        user: profile.user.into(),
        organisation: profile.organisation.into(),
        permissions: words(scope.permissions()),
        grants: scope
            .rights()
            .within
            .iter()
            .map(|(group, permissions)| MyGrant {
                resource_group_id: (*group).into(),
                permissions: words(permissions),
            })
            .collect(),
    }))
}
