//! A run as partners see it.

use chrono::{DateTime, NaiveDate, Utc};
use dispatch::{Readiness, Run};
use kernel::{Soc, Wh};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::dispatch::words::{CauseWord, ReadinessWord, StateWord, kilometres};

#[derive(Serialize, ToSchema)]
#[schema(as = Run)]
pub(crate) struct RunBody {
    id: Uuid,
    depot_id: Uuid,
    /// The operating day it counts for, by the depot's calendar.
    service_date: NaiveDate,
    /// The operator's name of the duty, unique within depot and service date.
    block: String,
    departure_at: DateTime<Utc>,
    /// When it is back.
    arrival_at: DateTime<Utc>,
    #[schema(required)]
    distance_km: Option<f64>,
    /// What the duty takes out of the battery; wins over the distance.
    #[schema(required)]
    energy_required_kwh: Option<f64>,
    /// The state of charge to leave with; wins over energy and distance.
    #[schema(required)]
    required_soc_percent: Option<f64>,
    /// The state of charge to come back with.
    minimum_soc_percent: f64,
    #[schema(required)]
    vehicle_id: Option<Uuid>,
    /// Which class of vehicle may run it; any where null.
    #[schema(required)]
    vehicle_class: Option<String>,
    /// 1 is the most important, 9 the least; the vehicle's own level counts where null.
    #[schema(required, minimum = 1, maximum = 9)]
    priority_level: Option<u8>,
    state: StateWord,
    #[schema(required)]
    departed_at: Option<DateTime<Utc>>,
    readiness: ReadinessBody,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// What is foretold of a run. It does not change the `ETag`.
#[derive(Serialize, ToSchema)]
#[schema(as = RunReadiness)]
pub(crate) struct ReadinessBody {
    state: ReadinessWord,
    /// At the departure.
    #[schema(required)]
    predicted_soc_percent: Option<f64>,
    /// When the vehicle has what it needs; null where it never has, or nothing is known.
    #[schema(required)]
    predicted_ready_at: Option<DateTime<Utc>>,
    /// What it lacks at the departure, in the battery.
    shortfall_kwh: f64,
    #[schema(required)]
    cause: Option<CauseWord>,
}

impl From<Run> for RunBody {
    fn from(run: Run) -> Self {
        Self {
            id: run.id.into(),
            depot_id: run.depot.into(),
            service_date: run.service_date,
            block: run.block,
            departure_at: run.departure_at,
            arrival_at: run.arrival_at,
            distance_km: run.distance_m.map(kilometres),
            energy_required_kwh: run.energy_required.map(Wh::to_kilo),
            required_soc_percent: run.required_soc.map(Soc::to_percent),
            minimum_soc_percent: run.minimum_soc.to_percent(),
            vehicle_id: run.vehicle.map(Into::into),
            vehicle_class: run.vehicle_class,
            priority_level: run.priority_level.map(kernel::PriorityLevel::get),
            state: run.state.into(),
            departed_at: run.departed_at,
            readiness: run.readiness.into(),
            created_at: run.created_at,
            updated_at: run.updated_at,
        }
    }
}

impl From<Readiness> for ReadinessBody {
    fn from(readiness: Readiness) -> Self {
        Self {
            state: readiness.state.into(),
            predicted_soc_percent: readiness.predicted_soc.map(Soc::to_percent),
            predicted_ready_at: readiness.predicted_ready_at,
            shortfall_kwh: readiness.shortfall.to_kilo(),
            cause: readiness.cause.map(Into::into),
        }
    }
}
