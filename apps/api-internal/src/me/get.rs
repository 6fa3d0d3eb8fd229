//! `GET /me`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{App, organisation::OrganisationBody, users::UserBody};

#[derive(Serialize, ToSchema)]
pub(crate) struct Me {
    user: UserBody,
    organisation: OrganisationBody,
    /// What the caller may do, as `domain:action`.
    permissions: Vec<&'static str>,
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
        permissions: scope.permissions().iter().map(|permission| permission.as_str()).collect(),
    }))
}
