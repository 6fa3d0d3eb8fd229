//! What is seen of a request from outside the process: a span, a counter, a duration.

use axum::{
    extract::{MatchedPath, Request, State},
    http::Method,
    middleware::Next,
    response::Response,
};
use tokio::time::Instant;
use tracing::Instrument;

use super::request_id::RequestId;

/// Metrics are labelled by the route's template, never by the path: their number stays bounded.
pub(crate) async fn observe(State(server): State<&'static str>, request: Request, next: Next) -> Response {
    let method = known(request.method());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("(none)", MatchedPath::as_str);
    let id = request.extensions().get::<RequestId>().map_or("", RequestId::as_str);
    let span = tracing::info_span!(
        "request",
        server,
        request.id = id,
        http.request.method = method,
        http.route = route,
        url.path = request.uri().path(),
    );
    let begun = Instant::now();
    let response = next.run(request).instrument(span.clone()).await;
    let seconds = begun.elapsed().as_secs_f64();

    let status = response.status().as_u16();
    tracing::debug!(parent: &span, http.response.status_code = status, duration_seconds = seconds, "answered");
    let labels = [
        ("server", server.to_owned()),
        ("method", method.to_owned()),
        ("route", route.to_owned()),
        ("status", status.to_string()),
    ];
    metrics::counter!("http_requests_total", &labels).increment(1);
    metrics::histogram!("http_request_duration_seconds", &labels).record(seconds);
    response
}

/// Callers may invent methods; labels may not.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}
