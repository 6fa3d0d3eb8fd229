//! The id that ties an answer, its log lines and its audit entries together.

use std::{future::Future, sync::Arc};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use kernel::IdSource;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Longest id taken from a caller.
const LONGEST: usize = 128;

tokio::task_local! {
    /// Problems are made where no request is at hand; they find its id here.
    static CURRENT: RequestId;
}

/// Printable ASCII without spaces, 1 to 128 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(Arc<str>);

impl RequestId {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id of the request that this task answers, if it answers one.
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Self::clone).ok()
    }

    /// Runs work for the request of this task in another task.
    pub(crate) async fn carried<T>(current: Option<Self>, work: impl Future<Output = T>) -> T {
        match current {
            Some(id) => CURRENT.scope(id, work).await,
            None => work.await,
        }
    }

    fn from_caller(headers: &HeaderMap) -> Option<Self> {
        let text = headers.get(HEADER)?.to_str().ok()?;
        let usable = (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        usable.then(|| Self(text.into()))
    }
}

/// Takes the caller's id or makes one, and returns it with every answer.
pub(crate) async fn identify(
    State(ids): State<Arc<dyn IdSource>>,
    mut request: Request,
    next: Next,
) -> Response {
    let id =
        RequestId::from_caller(request.headers()).unwrap_or_else(|| RequestId(ids.uuid().to_string().into()));
    request.extensions_mut().insert(id.clone());
    let mut response = CURRENT.scope(id.clone(), next.run(request)).await;
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}
