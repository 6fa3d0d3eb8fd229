//! `POST /charging/plan-preview`

use axum::{Json, extract::State, http::StatusCode};
use charging::plan::plan_json;
use http_kit::{Answer, Caller, Problem, ValidJson};
use serde_json::Value;
use tokio::task::spawn_blocking;

use crate::App;

/// Plan the charging of a depot of your own making, as `manage plan` does. The formats are
/// described in `docs/smart-charging.md`.
#[utoipa::path(
    post,
    path = "/charging/plan-preview",
    tag = "charging",
    request_body = Object,
    responses((status = 200, description = "Power by vehicle and slot, what is unmet and why.", body = Object))
)]
pub(crate) async fn plan_preview(
    State(app): State<App>,
    Caller(scope): Caller,
    ValidJson(problem): ValidJson<Value>,
) -> Answer<Json<Value>> {
    app.allocations.may_preview(&scope)?;
    // A large depot takes a while, and others are waiting for this thread.
    let planned = spawn_blocking(move || plan_json(&problem.to_string())).await;
    let plan = planned.map_err(broken)??;
    Ok(Json(serde_json::from_str(&plan).map_err(broken)?))
}

fn broken(error: impl std::error::Error + Send + Sync + 'static) -> Problem {
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal").caused_by(error)
}
