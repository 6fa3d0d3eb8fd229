//! `POST /auth/token`

use access::{AuthError, Origin};
use axum::{
    extract::State,
    http::{HeaderMap, header},
};
use http_kit::{Answer, Peer, ProblemBody, RequestId, ValidJson};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{body::TokensBody, refusal::refusal};
use crate::App;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignIn {
    #[schema(example = "admin@example.com")]
    email: String,
    password: String,
}

/// Sign in with email and password. After some wrong passwords for one email from one address, each
/// further attempt from there has to wait.
#[utoipa::path(
    post,
    path = "/auth/token",
    tag = "sign-in",
    security(()),
    request_body = SignIn,
    responses(
        (status = 200, description = "Signed in.", body = TokensBody),
        (status = 401, description = "Email or password is wrong, or the user is inactive.", body = ProblemBody,
         content_type = "application/problem+json"),
        (status = 429, description = "Too many attempts.", body = ProblemBody,
         content_type = "application/problem+json", headers(("Retry-After" = u32))),
    )
)]
pub(crate) async fn auth_token(
    State(app): State<App>,
    peer: Peer,
    headers: HeaderMap,
    ValidJson(body): ValidJson<SignIn>,
) -> Answer<TokensBody> {
    let request = RequestId::current();
    let origin = origin(&request, peer, &headers);
    let outcome = app.access.auth.sign_in(&body.email, &body.password, origin).await;
    let word = match &outcome {
        Ok(_) => "signed_in",
        Err(AuthError::Refused) => "refused",
        Err(AuthError::Throttled { .. }) => "throttled",
        Err(_) => "failed",
    };
    metrics::counter!("sign_ins_total", "outcome" => word).increment(1);
    Ok(outcome.map_err(refusal)?.into())
}

/// From where somebody asks who has not signed in yet.
pub(super) fn origin<'a>(
    request: &'a Option<RequestId>,
    Peer(address): Peer,
    headers: &'a HeaderMap,
) -> Origin<'a> {
    let user_agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    Origin { request_id: request.as_ref().map(RequestId::as_str), address, user_agent }
}
