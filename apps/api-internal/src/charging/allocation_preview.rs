//! `POST /charging/allocation-preview`

use axum::{Json, extract::State, http::StatusCode};
use charging::allocation::allocate_json;
use http_kit::{Answer, Caller, Problem, ValidJson};
use serde_json::Value;

use crate::App;

/// Allocate power to a depot of your own making, as `manage allocate` does. The formats are
/// described in `docs/smart-charging.md`.
#[utoipa::path(
    post,
    path = "/charging/allocation-preview",
    tag = "charging",
    request_body = Object,
    responses((status = 200, description = "Setpoints with their reasons.", body = Object))
)]
pub(crate) async fn allocation_preview(
    State(app): State<App>,
    Caller(scope): Caller,
    ValidJson(snapshot): ValidJson<Value>,
) -> Answer<Json<Value>> {
    app.allocations.may_preview(&scope)?;
    let allocation = allocate_json(&snapshot.to_string())?;
    let written = serde_json::from_str(&allocation);
    Ok(Json(
        written
            .map_err(|error| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal").caused_by(error))?,
    ))
}
