//! `POST /auth/accept-invitation`

use axum::{extract::State, http::HeaderMap};
use http_kit::{Answer, NoContent, Peer, ProblemBody, RequestId, ValidJson};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{refusal::refusal, token::origin};
use crate::App;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AcceptInvitation {
    token: String,
    /// 8 to 256 characters.
    #[schema(format = Password)]
    password: String,
}

/// Choose a password with the token of an invitation. The token is good once.
#[utoipa::path(
    post,
    path = "/auth/accept-invitation",
    tag = "sign-in",
    security(()),
    request_body = AcceptInvitation,
    responses(
        (status = 204, description = "The password is set: sign in with it."),
        (status = 401, description = "The token is not good, or not any more.", body = ProblemBody,
         content_type = "application/problem+json"),
    )
)]
pub(crate) async fn auth_accept_invitation(
    State(app): State<App>,
    peer: Peer,
    headers: HeaderMap,
    ValidJson(body): ValidJson<AcceptInvitation>,
) -> Answer<NoContent> {
    let request = RequestId::current();
    let origin = origin(&request, peer, &headers);
    let accepted = app.access.auth.accept_invitation(&body.token, &body.password, origin);
    accepted.await.map_err(refusal)??;
    Ok(NoContent)
}
