//! `POST /admin/users/{id}/invitation`

use axum::{Extension, extract::State};
use http_kit::{Answer, Caller, Created, OnReplay, PathId};
use kernel::UserId;

use super::body::InvitedBody;
use crate::App;

/// Invite a user anew, also one who has forgotten their password. Their present password and an
/// older invitation are no longer good, and their sessions end.
#[utoipa::path(
    post,
    path = "/admin/users/{id}/invitation",
    tag = "administration",
    params(("id" = Uuid, Path)),
    responses((status = 201, description = "The user, with the token.", body = InvitedBody,
               headers(("Location" = String), ("ETag" = String))))
)]
pub(crate) async fn user_invite(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<UserId>,
) -> Answer<(Extension<OnReplay>, Created<InvitedBody>)> {
    let invited = app.access.users.user_invite(&scope, id).await?;
    let version = invited.user.version;
    let body = InvitedBody::new(invited.user, Some(invited.token));
    let (replay, location) = (OnReplay::json(&body.without_token()), format!("/api/v1/admin/users/{id}"));
    Ok((Extension(replay), Created::new(location, body).version(version)))
}
