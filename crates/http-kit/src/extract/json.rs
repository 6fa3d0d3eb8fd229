//! Bodies.

use axum::{
    body::Bytes,
    extract::{FromRequest, OptionalFromRequest, Request},
    http::{HeaderMap, StatusCode, header},
};
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::decode::field_problem;
use crate::{
    layer::read_body,
    problem::{FieldProblem, Problem},
};

/// A JSON body. Refused with 415 for another media type, 413 where it is too large, 400 where it
/// is no JSON, 422 with a pointer where it is not what `T` asks for. Give `T`
/// `#[serde(deny_unknown_fields)]`: a misspelt field must not be an ignored wish.
#[derive(Clone, Debug)]
pub struct ValidJson<T>(pub T);

impl<S, T> FromRequest<S> for ValidJson<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type")
                .detail("the body must be `application/json`"));
        }
        let body = read_body(request.into_body()).await?;
        parse(&body).map(Self)
    }
}

/// A body that may be left out altogether.
impl<S, T> OptionalFromRequest<S> for ValidJson<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, Problem> {
        if request.headers().contains_key(header::CONTENT_TYPE) {
            return <Self as FromRequest<S>>::from_request(request, state).await.map(Some);
        }
        if read_body(request.into_body()).await?.is_empty() {
            return Ok(None);
        }
        Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type")
            .detail("the body must name its media type, `application/json`"))
    }
}

/// `application/json` or a relative of it, such as `application/merge-patch+json`.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(media_type) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

fn parse<T: DeserializeOwned>(body: &Bytes) -> Result<T, Problem> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        match error.inner().classify() {
            Category::Data => Problem::invalid([field_problem(error.path(), &error.inner().to_string())]),
            Category::Syntax | Category::Eof | Category::Io => malformed(error.inner()),
        }
    })?;
    deserializer.end().map_err(|error| malformed(&error))?;
    if holds_nul(body) {
        let nul = FieldProblem::new("", "control_character", "texts must not hold the character U+0000");
        return Err(Problem::invalid([nul]));
    }
    Ok(value)
}

fn malformed(error: &serde_json::Error) -> Problem {
    Problem::malformed("malformed_body", format!("the body is not valid JSON: {error}"))
}

/// Whether a text of the document has the character that PostgreSQL cannot store. Only an escape
/// can write it, and only where its backslash is not itself escaped.
fn holds_nul(body: &[u8]) -> bool {
    body.windows(6).enumerate().any(|(at, window)| {
        window == br"\u0000" && body[..at].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_real_escape_is_a_nul() {
        for (body, nul) in [
            (r#""\u0000""#, true),
            (r#""\\u0000""#, false),
            (r#""\\\u0000""#, true),
            (r#""u0000""#, false),
            (r#""\u00000""#, true),
            (r#""\u0001""#, false),
        ] {
            assert_eq!(holds_nul(body.as_bytes()), nul, "{body}");
        }
    }
}
