//! Versions of single resources: `ETag` out, `If-Match` in.

use axum::{
    extract::FromRequestParts,
    http::{HeaderValue, header, request},
    response::{IntoResponseParts, ResponseParts},
};
use kernel::Version;

use crate::problem::Problem;

/// What no resource ever has: versions start at 1.
const NEVER: Version = Version(0);

/// The version of the resource that the answer shows, written `"v3"`.
#[derive(Clone, Copy, Debug)]
pub struct ETag(pub Version);

impl IntoResponseParts for ETag {
    type Error = std::convert::Infallible;

    fn into_response_parts(self, mut response: ResponseParts) -> Result<ResponseParts, Self::Error> {
        if let Ok(tag) = HeaderValue::try_from(format!("\"v{}\"", self.0.0)) {
            response.headers_mut().insert(header::ETAG, tag);
        }
        Ok(response)
    }
}

/// The version the caller has seen, if they said so. `*` asks for nothing more than existence,
/// which every change asks for anyway. Of several tags the newest counts: versions only grow, so
/// whoever has seen the newest knows that the others are gone. Tags that are weak or not ours
/// match nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IfMatch(pub Option<Version>);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut request::Parts, _: &S) -> Result<Self, Problem> {
        let mut newest = None;
        for value in parts.headers.get_all(header::IF_MATCH) {
            let text = value.to_str().map_err(|_| malformed())?;
            if text.trim() == "*" {
                return Ok(Self(None));
            }
            newest = newest.max(Some(newest_of(text).ok_or_else(malformed)?));
        }
        Ok(Self(newest))
    }
}

fn malformed() -> Problem {
    Problem::malformed("malformed_if_match", "`If-Match` must be `*` or a list of entity tags like \"v3\"")
}

/// The newest version in a list of entity tags; `None` where the list cannot be read.
fn newest_of(list: &str) -> Option<Version> {
    let mut rest = list.trim();
    let mut newest = NEVER;
    loop {
        let (weak, tag) = match rest.strip_prefix("W/") {
            Some(tag) => (true, tag),
            None => (false, rest),
        };
        let (opaque, after) = tag.strip_prefix('"')?.split_once('"')?;
        if !weak {
            newest = newest.max(version(opaque).unwrap_or(NEVER));
        }
        rest = after.trim_start();
        if rest.is_empty() {
            return Some(newest);
        }
        rest = rest.strip_prefix(',')?.trim_start();
    }
}

fn version(opaque: &str) -> Option<Version> {
    let digits = opaque.strip_prefix('v')?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok().map(Version))?
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lists_are_read_as_the_standard_writes_them() {
        for (list, newest) in [
            ("\"v3\"", Some(Version(3))),
            ("\"v3\", \"v12\" ,\"v4\"", Some(Version(12))),
            ("W/\"v3\"", Some(NEVER)),
            ("W/\"v3\", \"v2\"", Some(Version(2))),
            ("\"a, b\", \"v2\"", Some(Version(2))),
            ("\"\"", Some(NEVER)),
            ("\"v+3\"", Some(NEVER)),
            ("\"v99999999999999999999\"", Some(NEVER)),
            ("v3", None),
            ("", None),
            ("\"v3", None),
            ("\"v3\",", None),
            ("\"v3\" \"v4\"", None),
        ] {
            assert_eq!(newest_of(list), newest, "{list}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,40}") {
            let _ = newest_of(&text);
        }
    }
}
