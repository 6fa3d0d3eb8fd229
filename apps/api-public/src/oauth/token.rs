//! `POST /oauth/token`

use axum::{
    Json,
    extract::{Form, FromRequest, Request, State, rejection::FormRejection},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use http_kit::Problem;
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::refusal::{ErrorBody, ErrorCode, Refusal};
use crate::App;

#[derive(Deserialize, ToSchema)]
pub(crate) struct TokenRequest {
    #[schema(example = "client_credentials")]
    grant_type: Option<String>,
    /// The `prefix` of an API key; or as the user of Basic authentication.
    client_id: Option<String>,
    /// The API key itself; or as the password of Basic authentication.
    #[schema(format = Password)]
    client_secret: Option<String>,
    /// Permissions separated by spaces, where the token is to have fewer than its key.
    #[schema(example = "vehicle:read vehicle:write")]
    scope: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct TokenBody {
    /// Goes into `Authorization: Bearer …`.
    access_token: String,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds until the token is no longer good.
    expires_in: i64,
    /// Its permissions, separated by spaces.
    scope: String,
}

/// Exchange an API key for a token that is good for an hour (OAuth 2.0, client credentials).
///
/// The key must be usable all the while: a revoked key ends its tokens at once.
#[utoipa::path(
    post,
    path = "/oauth/token",
    tag = "sign-in",
    security(()),
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "A token.", body = TokenBody),
        (status = 400, description = "Not a request that can be answered; `error` says why.", body = ErrorBody),
        (status = 401, description = "The client is not known, or its secret is not good.", body = ErrorBody),
    )
)]
pub(crate) async fn oauth_token(
    State(app): State<App>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Refusal> {
    let form = Form::<TokenRequest>::from_request(request, &()).await.map_err(unreadable)?.0;
    match form.grant_type.as_deref() {
        Some("client_credentials") => {}
        Some(_) => {
            let only = "only `client_credentials` is granted here";
            return Err(Refusal::OAuth(ErrorCode::UnsupportedGrantType, only));
        }
        None => return Err(Refusal::OAuth(ErrorCode::InvalidRequest, "`grant_type` is missing")),
    }
    let (client, secret) = credentials(&headers, form.client_id, form.client_secret)?;
    let token = app.access.auth.client_token(&client, &secret, form.scope.as_deref()).await?;
    metrics::counter!("client_tokens_total", "outcome" => "issued").increment(1);
    let permissions: Vec<_> = token.permissions.iter().map(|permission| permission.as_str()).collect();
    let body = TokenBody {
        access_token: token.access,
        token_type: "Bearer",
        expires_in: token.expires_in.num_seconds(),
        scope: permissions.join(" "),
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response())
}

/// Who the client says it is: in one way, not in two (RFC 6749, section 2.3).
fn credentials(
    headers: &HeaderMap,
    id: Option<String>,
    secret: Option<String>,
) -> Result<(String, String), Refusal> {
    let refuse = |why| Err(Refusal::OAuth(ErrorCode::InvalidRequest, why));
    match (headers.get(header::AUTHORIZATION), id, secret) {
        (Some(_), _, Some(_)) => refuse("the client authenticates in two ways at once"),
        (Some(value), id, None) => {
            let Some((user, password)) = value.to_str().ok().and_then(basic) else {
                return refuse("the `Authorization` of a client is `Basic`");
            };
            match id {
                Some(id) if id != user => refuse("`client_id` is not the client that authenticates"),
                _ => Ok((user, password)),
            }
        }
        (None, Some(id), Some(secret)) => Ok((id, secret)),
        (None, _, _) => refuse("`client_id` and `client_secret` are missing"),
    }
}

/// Both parts are encoded like form fields before they are joined.
fn basic(value: &str) -> Option<(String, String)> {
    let (scheme, text) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let joined = String::from_utf8(STANDARD.decode(text.trim()).ok()?).ok()?;
    let (user, password) = joined.split_once(':')?;
    let decoded =
        |part: &str| percent_decode_str(&part.replace('+', " ")).decode_utf8().ok().map(String::from);
    Some((decoded(user)?, decoded(password)?))
}

fn unreadable(rejection: FormRejection) -> Refusal {
    match rejection {
        FormRejection::InvalidFormContentType(_) => {
            Refusal::OAuth(ErrorCode::InvalidRequest, "the body is no `application/x-www-form-urlencoded`")
        }
        FormRejection::FailedToDeserializeForm(_) | FormRejection::FailedToDeserializeFormBody(_) => {
            Refusal::OAuth(ErrorCode::InvalidRequest, "the body is no form, or has a field twice")
        }
        other if other.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE => {
            Problem::body_too_large().into()
        }
        _ => Problem::malformed("malformed_body", "the body broke off").into(),
    }
}
