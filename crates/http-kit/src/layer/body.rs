//! How much of a request is read.

use std::error::Error;

use axum::{
    body::{Body, Bytes, HttpBody, to_bytes},
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http_body_util::{LengthLimitError, Limited};

use crate::{problem::Problem, shell::Limits};

/// Refuses a body that says it is too large, and cuts off one that turns out to be. Nothing is unpacked
/// here, so what is packed is refused as well.
pub(crate) async fn limit_body(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    let encoding = request.headers().get(header::CONTENT_ENCODING);
    if encoding.is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_content_encoding")
            .detail("bodies are taken as they are, not compressed")
            .header(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"))
            .into_response();
    }
    let larger = limits.larger_bodies.iter().find(|(path, _)| *path == request.uri().path());
    let limit = larger.map_or(limits.body_bytes, |(_, larger)| *larger);
    let announced = request.body().size_hint().lower();
    if usize::try_from(announced).map_or(true, |announced| announced > limit) {
        return Problem::body_too_large().into_response();
    }
    next.run(request.map(|body| Body::new(Limited::new(body, limit)))).await
}

/// The whole body, within the limit that [`limit_body`] set.
pub(crate) async fn read_body(body: Body) -> Result<Bytes, Problem> {
    to_bytes(body, usize::MAX).await.map_err(|error| {
        if over_limit(&error) {
            Problem::body_too_large()
        } else {
            Problem::malformed("malformed_body", "the body broke off")
        }
    })
}

fn over_limit(error: &(dyn Error + 'static)) -> bool {
    error.is::<LengthLimitError>() || error.source().is_some_and(over_limit)
}
