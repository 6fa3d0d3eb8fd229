//! `POST /auth/sign-out`

use axum::{extract::State, http::HeaderMap};
use http_kit::{Answer, NoContent, Peer, RequestId, ValidJson};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{refusal::refusal, token::origin};
use crate::App;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignOut {
    refresh_token: String,
}

/// End a session: its refresh token and all its access tokens are no longer good. An unknown token
/// belongs to a session that has ended already.
#[utoipa::path(
    post,
    path = "/auth/sign-out",
    tag = "sign-in",
    security(()),
    request_body = SignOut,
    responses((status = 204, description = "Signed out."))
)]
pub(crate) async fn auth_sign_out(
    State(app): State<App>,
    peer: Peer,
    headers: HeaderMap,
    ValidJson(body): ValidJson<SignOut>,
) -> Answer<NoContent> {
    let request = RequestId::current();
    let ended = app.access.auth.sign_out(&body.refresh_token, origin(&request, peer, &headers)).await;
    ended.map_err(refusal)?;
    Ok(NoContent)
}
