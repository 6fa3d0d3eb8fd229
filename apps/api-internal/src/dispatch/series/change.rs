//! `PATCH /dispatch/series/{id}`

use std::collections::BTreeSet;

use axum::{Json, extract::State};
use chrono::NaiveDate;
use dispatch::{ChangeRecurrence, ChangeSeries};
use http_kit::{Answer, Caller, ETag, IfMatch, Patch, PathId, ValidJson, not_null};
use kernel::{Invalid, RunSeriesId, Weekdays};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{SeriesBody, length, time};
use crate::{App, dispatch::words::DutyPatch, week::WeekdayWord};

/// A merge patch: what is absent stays, `null` clears. The depot does not change. An arrival time
/// takes the place of a duration, and the other way round.
#[derive(Deserialize, ToSchema)]
#[schema(as = RunSeriesChange)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeriesChange {
    #[serde(default, deserialize_with = "not_null")]
    block: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    weekdays: Option<Vec<WeekdayWord>>,
    #[serde(default, deserialize_with = "not_null")]
    departure_time: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    arrival_time: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    duration_minutes: Option<u32>,
    #[serde(default, deserialize_with = "not_null")]
    from: Option<NaiveDate>,
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    until: Patch<NaiveDate>,
    /// All of them, instead of those before.
    #[serde(default, deserialize_with = "not_null")]
    except: Option<BTreeSet<NaiveDate>>,
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

impl SeriesChange {
    fn command(self) -> Result<ChangeSeries, Invalid> {
        let mut invalid = Invalid::default();
        let recurrence = ChangeRecurrence {
            weekdays: self.weekdays.map(|days| Weekdays::of(days.iter().map(|day| day.day()))),
            departure: self.departure_time.map(|text| time("/departure_time", &text, &mut invalid)),
            length: length(self.arrival_time.as_deref(), self.duration_minutes, &mut invalid),
            from: self.from,
            until: self.until.0,
            except: self.except,
        };
        let duty = DutyPatch {
            distance_km: self.distance_km,
            energy_required_kwh: self.energy_required_kwh,
            required_soc_percent: self.required_soc_percent,
            minimum_soc_percent: self.minimum_soc_percent,
            vehicle_id: self.vehicle_id,
            vehicle_class: self.vehicle_class,
            priority_level: self.priority_level,
        };
        let command = ChangeSeries { block: self.block, recurrence, duty: duty.change(&mut invalid) };
        invalid.into_result().map(|()| command)
    }
}

/// Change a series, and its runs to come that were neither changed by hand nor have departed.
#[utoipa::path(
    patch,
    path = "/dispatch/series/{id}",
    tag = "dispatch",
    params(("id" = Uuid, Path)),
    request_body = SeriesChange,
    responses((status = 200, description = "The series as it is now.", body = SeriesBody, headers(("ETag" = String))))
)]
pub(crate) async fn run_series_change(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<RunSeriesId>,
    IfMatch(expected): IfMatch,
    ValidJson(body): ValidJson<SeriesChange>,
) -> Answer<(ETag, Json<SeriesBody>)> {
    let (series, _) = app.dispatch.series_change(&scope, id, expected, body.command()?).await?;
    Ok((ETag(series.version), Json(series.into())))
}
