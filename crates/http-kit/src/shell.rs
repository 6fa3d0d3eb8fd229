//! What every server has around its own routes.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    middleware::{from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::get,
};
use kernel::{IdSource, Proxies};
use metrics_exporter_prometheus::PrometheusHandle;
use utoipa::openapi::OpenApi;

use crate::{
    health::{Health, ReadyState},
    layer::{ANSWER_WITHIN, behind, guard, identify, limit_body, observe, protect_browsers},
    openapi,
    problem::Problem,
};

/// How much a request may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub body_bytes: usize,
    /// Paths whose bodies may be larger, and how large.
    pub larger_bodies: &'static [(&'static str, usize)],
    pub answer_within: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { body_bytes: 1024 * 1024, larger_bodies: &[], answer_within: ANSWER_WITHIN }
    }
}

/// A server without its API: `/livez`, `/readyz`, `/metrics`, `/openapi.json`, `/docs`, and the
/// layers around everything.
#[derive(Clone)]
pub struct Shell {
    /// Tells the servers of one process apart in logs and metrics.
    pub name: &'static str,
    pub ids: Arc<dyn IdSource>,
    pub health: Health,
    /// Absent where the process collects no metrics.
    pub metrics: Option<PrometheusHandle>,
    pub limits: Limits,
    /// Those in front of the server.
    pub proxies: Arc<Proxies>,
}

impl Shell {
    pub fn new(name: &'static str, ids: Arc<dyn IdSource>, health: Health) -> Self {
        let (limits, proxies) = (Limits::default(), Arc::default());
        Self { name, ids, health, metrics: None, limits, proxies }
    }

    /// The whole server around an API and its document.
    pub fn around(self, api: Router, document: &OpenApi) -> Router {
        let metrics = self.metrics;
        api.merge(openapi::routes(document))
            .merge(operation(self.health, metrics))
            .fallback(|| async { Problem::not_found() })
            .method_not_allowed_fallback(method_not_allowed)
            .layer(from_fn_with_state(self.limits.answer_within, guard))
            .layer(from_fn_with_state(self.limits, limit_body))
            .layer(from_fn(protect_browsers))
            .layer(from_fn_with_state(self.name, observe))
            .layer(from_fn_with_state(self.ids, identify))
            .layer(from_fn_with_state(self.proxies, behind))
    }
}

/// What operation needs and no document describes.
fn operation(health: Health, metrics: Option<PrometheusHandle>) -> Router {
    Router::new()
        .route("/livez", get(|| async { "alive" }))
        .route("/readyz", get(readyz).with_state(health))
        .route("/metrics", get(render_metrics).with_state(metrics))
}

async fn readyz(State(health): State<Health>) -> Response {
    let readiness = health.readiness().await;
    let status = match readiness.state {
        ReadyState::Ready => StatusCode::OK,
        ReadyState::Unready | ReadyState::Stopping => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, Json(readiness)).into_response()
}

async fn render_metrics(State(metrics): State<Option<PrometheusHandle>>) -> Result<Response, Problem> {
    let metrics = metrics.ok_or_else(Problem::not_found)?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], metrics.render()).into_response())
}

async fn method_not_allowed() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed")
        .detail("the resource does not take this method")
}
