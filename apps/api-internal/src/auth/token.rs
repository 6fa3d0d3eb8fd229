//! `POST /auth/token`

use axum::extract::State;
use http_kit::{Answer, ProblemBody, RequestId, ValidJson};
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

/// Sign in with email and password. After some wrong passwords for one email, each further attempt
/// has to wait.
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
    ValidJson(body): ValidJson<SignIn>,
) -> Answer<TokensBody> {
    let request = RequestId::current();
    let tokens = app
        .access
        .auth
        .sign_in(&body.email, &body.password, request.as_ref().map(RequestId::as_str))
        .await
        .map_err(refusal)?;
    Ok(tokens.into())
}
