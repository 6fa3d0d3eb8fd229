//! `POST /circuits/{id}/load-readings`

use axum::{Json, extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use depot::LoadReading;
use http_kit::{Answer, Caller, PathId, ValidJson};
use kernel::{CircuitId, W};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReadingCreate {
    at: DateTime<Utc>,
    #[schema(minimum = 0)]
    power_kw: f64,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct ReadingsTaken {
    /// Readings older than 28 days are not kept.
    taken: usize,
}

/// Report what others draw from a circuit. It counts here and in all circuits above; a meter that
/// falls silent for a minute counts as the worst of its last 28 days.
#[utoipa::path(
    post,
    path = "/circuits/{id}/load-readings",
    tag = "circuits",
    params(("id" = Uuid, Path)),
    request_body = Vec<ReadingCreate>,
    responses((status = 201, description = "They are kept.", body = ReadingsTaken))
)]
pub(crate) async fn load_reading_create(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(circuit): PathId<CircuitId>,
    ValidJson(body): ValidJson<Vec<ReadingCreate>>,
) -> Answer<(StatusCode, Json<ReadingsTaken>)> {
    let readings =
        body.iter().map(|reading| LoadReading { at: reading.at, power: W::from_kilo(reading.power_kw) });
    let taken = app.circuits.load_append(&scope, circuit, readings.collect()).await?;
    Ok((StatusCode::CREATED, Json(ReadingsTaken { taken })))
}
