//! Refusals as clients of OAuth 2.0 expect them (RFC 6749, section 5.2), instead of problems.

use access::{AuthError, ClientError};
use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use http_kit::Problem;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = OAuthErrorCode)]
pub(super) enum ErrorCode {
    InvalidRequest,
    InvalidClient,
    InvalidScope,
    UnsupportedGrantType,
}

#[derive(Serialize, ToSchema)]
#[schema(as = OAuthError)]
pub(super) struct ErrorBody {
    error: ErrorCode,
    error_description: &'static str,
}

pub(super) enum Refusal {
    OAuth(ErrorCode, &'static str),
    /// Of ours, or of a request that is none of OAuth.
    Problem(Problem),
}

impl From<ClientError> for Refusal {
    fn from(error: ClientError) -> Self {
        let outcome = match &error {
            ClientError::Auth(AuthError::Store(_)) => "failed",
            _ => "refused",
        };
        metrics::counter!("client_tokens_total", "outcome" => outcome).increment(1);
        match error {
            ClientError::Scope => Self::OAuth(
                ErrorCode::InvalidScope,
                "the scope names a permission that does not exist or that the key does not have",
            ),
            ClientError::Auth(AuthError::Refused | AuthError::Throttled { .. }) => {
                Self::OAuth(ErrorCode::InvalidClient, "the client is not known, or its secret is not good")
            }
            ClientError::Auth(AuthError::Store(error)) => Self::Problem(error.into()),
            ClientError::Auth(other) => Self::Problem(Problem::internal(other)),
        }
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (error, error_description) = match self {
            Self::OAuth(error, description) => (error, description),
            Self::Problem(problem) => return problem.into_response(),
        };
        let unknown = error == ErrorCode::InvalidClient;
        let body = Json(ErrorBody { error, error_description });
        if unknown {
            let challenge = HeaderValue::from_static("Basic realm=\"oauth\"");
            return (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, challenge)], body).into_response();
        }
        (StatusCode::BAD_REQUEST, body).into_response()
    }
}
