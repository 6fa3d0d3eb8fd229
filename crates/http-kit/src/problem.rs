//! Problems (RFC 9457): the one shape in which anything is refused.
//!
//! A domain error becomes a problem by its class alone, so no error turns into a "500" by accident.
//! A problem that is our fault keeps its cause for the log and never shows it.

use std::{borrow::Cow, error::Error, fmt::Write as _};

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use kernel::{Fault, FaultClass};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::layer::RequestId;

/// Longest text a problem repeats from a request.
const LONGEST_ECHO: usize = 200;

/// A refusal on its way to the caller. Every `code` is described in `docs/ERRORS.md`.
#[derive(Debug)]
pub struct Problem(Box<Parts>);

#[derive(Debug)]
struct Parts {
    status: StatusCode,
    code: Cow<'static, str>,
    detail: Option<String>,
    errors: Vec<FieldProblem>,
    headers: HeaderMap,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

/// One field and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldProblem {
    /// JSON pointer into the body, or `/name` of a query field.
    pub pointer: String,
    /// A stable word for programs.
    pub code: Cow<'static, str>,
    /// A sentence for people.
    pub detail: String,
}

/// A problem as it is written.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Where the code is described, relative to the server.
    #[serde(rename = "type")]
    pub kind: String,
    /// What the status means.
    pub title: String,
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// What happened this time, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// A stable word for programs.
    pub code: String,
    /// The request in our logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The fields that break a rule, all at once where possible.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
}

impl Problem {
    pub fn new(status: StatusCode, code: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Parts {
            status,
            code: code.into(),
            detail: None,
            errors: Vec::new(),
            headers: HeaderMap::new(),
            cause: None,
        }))
    }

    /// The request cannot be read at all.
    pub fn malformed(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code).detail(detail)
    }

    /// Nobody is signed in, or not any more.
    pub fn unauthenticated(challenge: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated")
            .detail(detail)
            .header(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
    }

    /// Absent, or not the caller's: the two look the same.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found").detail("no such resource")
    }

    pub fn body_too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large").detail("the body is larger than allowed")
    }

    /// The body can be read, but breaks rules.
    pub fn invalid(errors: impl IntoIterator<Item = FieldProblem>) -> Self {
        let mut problem =
            Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid").detail("the input breaks rules");
        problem.0.errors.extend(errors);
        problem
    }

    /// Nothing was changed; the same request may pass later.
    pub fn unavailable(code: &'static str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code)
            .detail("the service cannot answer now; try again")
            .header(header::RETRY_AFTER, HeaderValue::from_static("1"))
    }

    /// A fault of ours: logged with its causes, hidden from the caller.
    pub fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal")
            .detail("the request failed through no fault of yours")
            .caused_by(cause)
    }

    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(cut(detail.into()));
        self
    }

    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.insert(name, value);
        self
    }

    #[must_use]
    pub fn field(mut self, field: FieldProblem) -> Self {
        self.0.errors.push(field);
        self
    }

    /// Keeps the reason for the log.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    pub fn code(&self) -> &str {
        &self.0.code
    }

    fn log(&self) {
        let Some(cause) = &self.0.cause else { return };
        let (code, error) = (&*self.0.code, chain(&**cause));
        if self.0.status == StatusCode::INTERNAL_SERVER_ERROR {
            tracing::error!(code, error, "a request failed");
        } else {
            tracing::warn!(code, error, "a request could not be answered");
        }
    }
}

impl<E: Fault> From<E> for Problem {
    fn from(fault: E) -> Self {
        let shown = fault.to_string();
        match fault.class() {
            FaultClass::NotFound => Self::not_found().detail(shown),
            FaultClass::Denied(denied) => {
                metrics::counter!("access_denied_total", "permission" => denied.permission.as_str())
                    .increment(1);
                Self::new(StatusCode::FORBIDDEN, "forbidden").detail(shown)
            }
            FaultClass::Invalid(invalid) => Self::invalid(invalid.errors.iter().map(FieldProblem::from)),
            FaultClass::Conflict { code } => Self::new(StatusCode::CONFLICT, code).detail(shown),
            FaultClass::Stale => Self::new(StatusCode::PRECONDITION_FAILED, "stale")
                .detail("the resource has changed since it was read"),
            FaultClass::Unavailable => Self::unavailable("unavailable").caused_by(fault),
            FaultClass::Internal => Self::internal(fault),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.log();
        let Parts { status, code, detail, errors, headers, .. } = *self.0;
        let body = ProblemBody {
            kind: format!("/docs/errors#{code}"),
            title: status.canonical_reason().unwrap_or("Error").to_owned(),
            status: status.as_u16(),
            detail,
            code: code.into_owned(),
            request_id: RequestId::current().map(|id| id.as_str().to_owned()),
            errors,
        };
        let text = serde_json::to_vec(&body).unwrap_or_default();
        let kind = HeaderValue::from_static("application/problem+json");
        (status, headers, [(header::CONTENT_TYPE, kind)], text).into_response()
    }
}

impl FieldProblem {
    pub fn new(
        pointer: impl Into<String>,
        code: impl Into<Cow<'static, str>>,
        detail: impl Into<String>,
    ) -> Self {
        Self { pointer: cut(pointer.into()), code: code.into(), detail: cut(detail.into()) }
    }
}

impl From<&kernel::FieldError> for FieldProblem {
    fn from(error: &kernel::FieldError) -> Self {
        Self::new(error.pointer.clone(), error.code, error.detail.clone())
    }
}

/// Shortens what may repeat the caller's own words.
fn cut(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(LONGEST_ECHO) {
        text.truncate(end);
        text.push('…');
    }
    text
}

/// An error with all its causes on one line.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        // Writing to a string cannot fail.
        let _ = write!(text, ": {error}");
        cause = error.source();
    }
    text
}
