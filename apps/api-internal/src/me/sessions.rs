//! `/me/sessions`

use access::SessionId;
use axum::{Json, extract::State};
use http_kit::{Answer, Caller, NoContent, PageBody, PathId};
use uuid::Uuid;

use crate::{App, users::SessionBody};

/// Where one is signed in: one's own sessions, the latest begun first, all on one page. Who comes with
/// the token of another issuer has none.
#[utoipa::path(
    get,
    path = "/me/sessions",
    tag = "sign-in",
    responses((status = 200, description = "All of them.", body = PageBody<SessionBody>))
)]
pub(crate) async fn my_session_list(
    State(app): State<App>,
    Caller(scope): Caller,
) -> Answer<Json<PageBody<SessionBody>>> {
    let sessions = app.access.users.own_session_list(&scope).await?;
    Ok(SessionBody::page(sessions, &scope))
}

/// End one of one's own sessions: none of its tokens is good any more.
#[utoipa::path(
    delete,
    path = "/me/sessions/{id}",
    tag = "sign-in",
    params(("id" = Uuid, Path)),
    responses((status = 204, description = "It has ended."))
)]
pub(crate) async fn my_session_end(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(session): PathId<Uuid>,
) -> Answer<NoContent> {
    app.access.users.own_session_end(&scope, SessionId(session)).await?;
    Ok(NoContent)
}

/// Sign out everywhere else: all of one's own sessions end but the one that asks.
#[utoipa::path(
    delete,
    path = "/me/sessions",
    tag = "sign-in",
    responses((status = 204, description = "They have ended."))
)]
pub(crate) async fn my_sessions_end(State(app): State<App>, Caller(scope): Caller) -> Answer<NoContent> {
    app.access.users.own_sessions_end(&scope).await?;
    Ok(NoContent)
}
