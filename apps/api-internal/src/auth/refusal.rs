//! How a refused sign-in looks: always the same, whatever was wrong.

use access::AuthError;
use axum::http::{HeaderValue, StatusCode, header};
use http_kit::Problem;

pub(super) fn refusal(error: AuthError) -> Problem {
    match error {
        AuthError::Refused => Problem::unauthenticated("Bearer", "the credentials are not valid"),
        AuthError::Throttled { retry_after } => {
            let seconds = (retry_after.num_milliseconds() + 999) / 1_000;
            Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts")
                .detail("too many attempts; try again later")
                .header(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)))
        }
        AuthError::Store(error) => error.into(),
        error @ (AuthError::Hash(_) | AuthError::Token(_) | AuthError::Foreign(_)) => {
            Problem::internal(error)
        }
    }
}
