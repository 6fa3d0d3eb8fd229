//! A series as callers see it.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use dispatch::{Length, RunSeries};
use kernel::{Invalid, Soc, TimeOfDay, Wh};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{dispatch::words::kilometres, week::WeekdayWord};

#[derive(Serialize, ToSchema)]
#[schema(as = RunSeries)]
pub(crate) struct SeriesBody {
    id: Uuid,
    depot_id: Uuid,
    /// The block of all its runs.
    block: String,
    weekdays: Vec<WeekdayWord>,
    /// `HH:MM` by the depot's clock.
    departure_time: String,
    /// `HH:MM` by the depot's clock, on the next day where it is not after the departure.
    #[schema(required)]
    arrival_time: Option<String>,
    /// Instead of an arrival time.
    #[schema(required)]
    duration_minutes: Option<u32>,
    /// The first day that counts.
    from: NaiveDate,
    /// The last day that counts.
    #[schema(required)]
    until: Option<NaiveDate>,
    /// Days without a run all the same.
    except: BTreeSet<NaiveDate>,
    #[schema(required)]
    distance_km: Option<f64>,
    #[schema(required)]
    energy_required_kwh: Option<f64>,
    #[schema(required)]
    required_soc_percent: Option<f64>,
    minimum_soc_percent: f64,
    #[schema(required)]
    vehicle_id: Option<Uuid>,
    #[schema(required)]
    vehicle_class: Option<String>,
    #[schema(required, minimum = 1, maximum = 9)]
    priority_level: Option<u8>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<RunSeries> for SeriesBody {
    fn from(series: RunSeries) -> Self {
        let (recurrence, duty) = (series.recurrence, series.duty);
        let (arrival_time, duration_minutes) = match recurrence.length {
            Length::Minutes(minutes) => (None, Some(minutes)),
            Length::Until(time) => (Some(time.to_string()), None),
        };
        Self {
            id: series.id.into(),
            depot_id: series.depot.into(),
            block: series.block,
            weekdays: recurrence.weekdays.iter().map(WeekdayWord::from).collect(),
            departure_time: recurrence.departure.to_string(),
            arrival_time,
            duration_minutes,
            from: recurrence.from,
            until: recurrence.until,
            except: recurrence.except,
            distance_km: duty.distance_m.map(kilometres),
            energy_required_kwh: duty.energy_required.map(Wh::to_kilo),
            required_soc_percent: duty.required_soc.map(Soc::to_percent),
            minimum_soc_percent: duty.minimum_soc.to_percent(),
            vehicle_id: duty.vehicle.map(Into::into),
            vehicle_class: duty.vehicle_class,
            priority_level: duty.priority_level.map(kernel::PriorityLevel::get),
            created_at: series.created_at,
            updated_at: series.updated_at,
        }
    }
}

/// A time of the day; notes a field error for what is none.
pub(super) fn time(pointer: &str, text: &str, invalid: &mut Invalid) -> TimeOfDay {
    text.parse().unwrap_or_else(|error: kernel::week::BadTimeOfDay| {
        invalid.push(pointer, "malformed", error.to_string());
        TimeOfDay::MIDNIGHT
    })
}

/// How long a run is, by either of two fields; notes a field error for both.
pub(super) fn length(arrival: Option<&str>, minutes: Option<u32>, invalid: &mut Invalid) -> Option<Length> {
    match (arrival, minutes) {
        (Some(_), Some(_)) => {
            invalid.push("/duration_minutes", "unexpected", "must not be given beside arrival_time");
            None
        }
        (Some(arrival), None) => Some(Length::Until(time("/arrival_time", arrival, invalid))),
        (None, minutes) => minutes.map(Length::Minutes),
    }
}
