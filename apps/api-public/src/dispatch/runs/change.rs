//! `PATCH /dispatch/runs/{id}`

use axum::{Json, extract::State};
use chrono::{DateTime, NaiveDate, Utc};
use dispatch::ChangeRun;
use http_kit::{Answer, Caller, ETag, IfMatch, Patch, PathId, ValidJson, not_null};
use kernel::{Invalid, RunId};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::RunBody;
use crate::{App, dispatch::words::DutyPatch};

/// A merge patch: what is absent stays, `null` clears. `"vehicle_id": null` takes the vehicle off it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RunChange {
    #[serde(default, deserialize_with = "not_null")]
    depot_id: Option<Uuid>,
    #[serde(default, deserialize_with = "not_null")]
    service_date: Option<NaiveDate>,
    #[serde(default, deserialize_with = "not_null")]
    block: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    departure_at: Option<DateTime<Utc>>,
    #[serde(default, deserialize_with = "not_null")]
    arrival_at: Option<DateTime<Utc>>,
    #[serde(default)]
    #[schema(value_type = Option<f64>)]
    distance_km: Patch<f64>,
    #[serde(default)]
    #[schema(value_type = Option<f64>)]
    energy_required_kwh: Patch<f64>,
    #[serde(default)]
    #[schema(value_type = Option<f64>)]
    required_soc_percent: Patch<f64>,
    #[serde(default, deserialize_with = "not_null")]
    minimum_soc_percent: Option<f64>,
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    vehicle_id: Patch<Uuid>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    vehicle_class: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<u8>)]
    priority_level: Patch<u8>,
}

impl RunChange {
    fn command(self) -> Result<ChangeRun, Invalid> {
        let mut invalid = Invalid::default();
        let duty = DutyPatch {
            distance_km: self.distance_km,
            energy_required_kwh: self.energy_required_kwh,
            required_soc_percent: self.required_soc_percent,
            minimum_soc_percent: self.minimum_soc_percent,
            vehicle_id: self.vehicle_id,
            vehicle_class: self.vehicle_class,
            priority_level: self.priority_level,
        };
        let command = ChangeRun {
            depot: self.depot_id.map(Into::into),
            service_date: self.service_date,
            block: self.block,
            departure_at: self.departure_at,
            arrival_at: self.arrival_at,
            duty: duty.change(&mut invalid),
        };
        invalid.into_result().map(|()| command)
    }
}

/// Change a run, give it a vehicle or take it away.
///
/// Where what was foretold no longer holds, it is forgotten. Of a run
/// that has departed only the arrival can change.
#[utoipa::path(
    patch,
    path = "/dispatch/runs/{id}",
    tag = "dispatch",
    params(("id" = Uuid, Path)),
    request_body = RunChange,
    responses((status = 200, description = "The run as it is now.", body = RunBody, headers(("ETag" = String))))
)]
pub(crate) async fn run_change(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<RunId>,
    IfMatch(expected): IfMatch,
    ValidJson(body): ValidJson<RunChange>,
) -> Answer<(ETag, Json<RunBody>)> {
    let run = app.dispatch.run_change(&scope, id, expected, body.command()?).await?;
    Ok((ETag(run.version), Json(run.into())))
}
