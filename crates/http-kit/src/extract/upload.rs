//! Bodies that are read by what they say they are.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{StatusCode, header},
};

use crate::{layer::read_body, problem::Problem};

/// A whole body and its media type, in lower case and without parameters. Refused with 415 where it
/// names none, 413 where it is too large; which types it may have, the handler says.
#[derive(Clone, Debug)]
pub struct Upload {
    pub media_type: String,
    pub body: Bytes,
}

impl Upload {
    /// The refusal of a media type that the handler does not know.
    pub fn unsupported(detail: &'static str) -> Problem {
        Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type").detail(detail)
    }
}

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let named = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = named.and_then(|named| named.split(';').next()).map(str::trim);
        let media_type = essence.filter(|essence| !essence.is_empty()).map(str::to_ascii_lowercase);
        let media_type = media_type.ok_or_else(|| Self::unsupported("the body must name its media type"))?;
        Ok(Self { media_type, body: read_body(request.into_body()).await? })
    }
}
