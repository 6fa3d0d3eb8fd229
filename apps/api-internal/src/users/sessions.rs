//! `/admin/users/{id}/sessions`

use access::{Session, SessionId};
use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use http_kit::{Answer, Caller, NoContent, PageBody, PathId};
use kernel::{Page, UserId};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::App;

/// A signed-in device.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub(crate) struct SessionBody {
    id: Uuid,
    begun_at: DateTime<Utc>,
    /// When it last got new tokens.
    refreshed_at: DateTime<Utc>,
    /// When it ends unless it gets new tokens before.
    expires_at: DateTime<Utc>,
}

impl From<Session> for SessionBody {
    fn from(session: Session) -> Self {
        Self {
            id: session.id.0,
            begun_at: session.begun_at,
            refreshed_at: session.refreshed_at,
            expires_at: session.expires_at,
        }
    }
}

/// The sessions of a user that go on, the latest begun first, all on one page.
#[utoipa::path(
    get,
    path = "/admin/users/{id}/sessions",
    tag = "administration",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "All of them.", body = PageBody<SessionBody>))
)]
pub(crate) async fn user_session_list(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(user): PathId<UserId>,
) -> Answer<Json<PageBody<SessionBody>>> {
    let items = app.access.users.session_list(&scope, user).await?;
    Ok(Json(PageBody::of(Page { items, next: None }, SessionBody::from)))
}

/// End a session: none of its tokens is good any more. Only who holds all permissions of the user
/// may.
#[utoipa::path(
    delete,
    path = "/admin/users/{id}/sessions/{session_id}",
    tag = "administration",
    params(("id" = Uuid, Path), ("session_id" = Uuid, Path)),
    responses((status = 204, description = "It has ended."))
)]
pub(crate) async fn user_session_end(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId((user, session)): PathId<(UserId, Uuid)>,
) -> Answer<NoContent> {
    app.access.users.session_end(&scope, user, SessionId(session)).await?;
    Ok(NoContent)
}
