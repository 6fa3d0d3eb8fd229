//! `GET /admin/users/{id}`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, ETag, PathId};
use kernel::UserId;

use super::body::UserBody;
use crate::App;

/// One user.
#[utoipa::path(
    get,
    path = "/admin/users/{id}",
    tag = "administration",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The user.", body = UserBody, headers(("ETag" = String))))
)]
pub(crate) async fn user_get(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<UserId>,
) -> Answer<(ETag, Json<UserBody>)> {
    let user = app.access.users.user_get(&scope, id).await?;
    Ok((ETag(user.version), Json(user.into())))
}
