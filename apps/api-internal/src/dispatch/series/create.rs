//! `POST /dispatch/series`

use std::collections::BTreeSet;

use axum::extract::State;
use chrono::NaiveDate;
use dispatch::{CreateSeries, Length, Recurrence};
use http_kit::{Answer, Caller, Created, ValidJson};
use kernel::{Invalid, Weekdays};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{SeriesBody, length, time};
use crate::{App, dispatch::words::DutyFields, week::WeekdayWord};

#[derive(Deserialize, ToSchema)]
#[schema(as = RunSeriesCreate)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeriesCreate {
    depot_id: Uuid,
    /// The block of all its runs.
    #[schema(max_length = 64)]
    block: String,
    #[schema(min_items = 1)]
    weekdays: Vec<WeekdayWord>,
    /// `HH:MM` by the depot's clock. Where a clock change skips it, the run leaves later by what was
    /// skipped; where it is repeated, the first counts.
    departure_time: String,
    /// `HH:MM` by the depot's clock, on the next day where it is not after the departure.
    arrival_time: Option<String>,
    /// Instead of an arrival time.
    #[schema(minimum = 1, maximum = 4320)]
    duration_minutes: Option<u32>,
    /// The first day that counts.
    from: NaiveDate,
    /// The last day that counts; it goes on for ever, unless told.
    until: Option<NaiveDate>,
    /// Days without a run all the same.
    #[serde(default)]
    #[schema(max_items = 1000)]
    except: BTreeSet<NaiveDate>,
    #[schema(exclusive_minimum = 0, maximum = 5000)]
    distance_km: Option<f64>,
    #[schema(exclusive_minimum = 0, maximum = 2000)]
    energy_required_kwh: Option<f64>,
    #[schema(exclusive_minimum = 0, maximum = 100)]
    required_soc_percent: Option<f64>,
    #[serde(default)]
    #[schema(minimum = 0, maximum = 100, default = 0)]
    minimum_soc_percent: f64,
    vehicle_id: Option<Uuid>,
    #[schema(max_length = 40)]
    vehicle_class: Option<String>,
    #[schema(minimum = 1, maximum = 9)]
    priority_level: Option<u8>,
}

impl SeriesCreate {
    fn command(self) -> Result<CreateSeries, Invalid> {
        let mut invalid = Invalid::default();
        let departure = time("/departure_time", &self.departure_time, &mut invalid);
        let (arrival, minutes) = (self.arrival_time.as_deref(), self.duration_minutes);
        if arrival.is_none() && minutes.is_none() {
            invalid.push("/arrival_time", "required", "is needed, or a duration_minutes");
        }
        let length = length(arrival, minutes, &mut invalid);
        let duty = DutyFields {
            distance_km: self.distance_km,
            energy_required_kwh: self.energy_required_kwh,
            required_soc_percent: self.required_soc_percent,
            minimum_soc_percent: self.minimum_soc_percent,
            vehicle_id: self.vehicle_id,
            vehicle_class: self.vehicle_class,
            priority_level: self.priority_level,
        };
        let command = CreateSeries {
            depot: self.depot_id.into(),
            block: self.block,
            recurrence: Recurrence {
                weekdays: Weekdays::of(self.weekdays.iter().map(|day| day.day())),
                departure,
                length: length.unwrap_or(Length::Minutes(1)),
                from: self.from,
                until: self.until,
                except: self.except,
            },
            duty: duty.duty(&mut invalid),
        };
        invalid.into_result().map(|()| command)
    }
}

/// Add a series of runs.
///
/// Its runs of the next 14 days are made at once, and each further day in time. A run whose vehicle is
/// on another run then is made without a vehicle.
#[utoipa::path(
    post,
    path = "/dispatch/series",
    tag = "dispatch",
    request_body = SeriesCreate,
    responses((status = 201, description = "The series.", body = SeriesBody,
               headers(("Location" = String), ("ETag" = String))))
)]
pub(crate) async fn run_series_create(
    State(app): State<App>,
    Caller(scope): Caller,
    ValidJson(body): ValidJson<SeriesCreate>,
) -> Answer<Created<SeriesBody>> {
    let (series, _) = app.dispatch.series_create(&scope, body.command()?).await?;
    let (location, version) = (format!("/api/v1/dispatch/series/{}", series.id), series.version);
    Ok(Created::new(location, SeriesBody::from(series)).version(version))
}
