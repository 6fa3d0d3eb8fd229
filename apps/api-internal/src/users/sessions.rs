//! `/admin/users/{id}/sessions`

use access::{Session, SessionId};
use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use http_kit::{Answer, Caller, NoContent, PageBody, PathId};
use kernel::{Page, Scope, UserId};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::App;

/// A signed-in device.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub(crate) struct SessionBody {
    id: Uuid,
    /// When its user signed in.
    begun_at: DateTime<Utc>,
    /// When it was last used, as exactly as access tokens live short: it got new ones then.
    refreshed_at: DateTime<Utc>,
    /// When it ends unless it gets new tokens before.
    expires_at: DateTime<Utc>,
    /// What the device called itself then.
    #[schema(required)]
    user_agent: Option<String>,
    /// From where it asked then.
    #[schema(required)]
    address: Option<String>,
    /// Whether it is the session that asks.
    current: bool,
}

impl SessionBody {
    /// All on one page.
    pub(crate) fn page(sessions: Vec<Session>, asks: &Scope) -> Json<PageBody<Self>> {
        let body = |session: Session| Self {
            id: session.id.0,
            begun_at: session.begun_at,
            refreshed_at: session.refreshed_at,
            expires_at: session.expires_at,
            user_agent: session.device.user_agent,
            address: session.device.address.map(|address| address.to_string()),
            current: asks.session() == Some(session.id.0),
        };
        Json(PageBody::of(Page { items: sessions, next: None }, body))
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
    let sessions = app.access.users.session_list(&scope, user).await?;
    Ok(SessionBody::page(sessions, &scope))
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
