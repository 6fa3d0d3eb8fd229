//! `POST /auth/refresh`

use axum::{extract::State, http::HeaderMap};
use http_kit::{Answer, Peer, ProblemBody, RequestId, ValidJson};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{body::TokensBody, refusal::refusal, token::origin};
use crate::App;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refresh {
    refresh_token: String,
}

/// Exchange a refresh token for new tokens. A token that is used twice ends its session.
#[utoipa::path(
    post,
    path = "/auth/refresh",
    tag = "sign-in",
    security(()),
    request_body = Refresh,
    responses(
        (status = 200, description = "Still signed in.", body = TokensBody),
        (status = 401, description = "The token is not good, or not any more.", body = ProblemBody,
         content_type = "application/problem+json"),
    )
)]
pub(crate) async fn auth_refresh(
    State(app): State<App>,
    peer: Peer,
    headers: HeaderMap,
    ValidJson(body): ValidJson<Refresh>,
) -> Answer<TokensBody> {
    let request = RequestId::current();
    let tokens = app.access.auth.refresh(&body.refresh_token, origin(&request, peer, &headers)).await;
    Ok(tokens.map_err(refusal)?.into())
}
