//! No request may take the process down or hold it for ever.

use std::{any::Any, future::Future, panic::AssertUnwindSafe, time::Duration};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::FutureExt;

use crate::problem::Problem;

/// How long a handler may take, unless a server says otherwise.
pub(crate) const ANSWER_WITHIN: Duration = Duration::from_secs(30);

pub(crate) async fn guard(State(within): State<Duration>, request: Request, next: Next) -> Response {
    guarded(within, next.run(request)).await
}

/// The answer, or the problem that stands for a panic or for too long a wait.
pub(crate) async fn guarded(within: Duration, answer: impl Future<Output = Response>) -> Response {
    match tokio::time::timeout(within, AssertUnwindSafe(answer).catch_unwind()).await {
        Ok(Ok(response)) => response,
        Ok(Err(panic)) => {
            Problem::internal(format!("a handler panicked: {}", words(&*panic))).into_response()
        }
        Err(_) => Problem::unavailable("timeout").caused_by("a handler took too long").into_response(),
    }
}

fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without words")
}
