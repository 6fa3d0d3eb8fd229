//! Whether a run's vehicle will be ready, and if not, why.

use chrono::TimeDelta;
use kernel::{Soc, Timestamp, Wh};
use serde::{Deserialize, Serialize};

/// What is foretold of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readiness {
    pub state: ReadinessState,
    /// At the departure.
    pub predicted_soc: Option<Soc>,
    /// When the vehicle has what it needs; `None` where it never has, or nothing is known.
    pub predicted_ready_at: Option<Timestamp>,
    /// What it lacks at the departure, in the battery.
    pub shortfall: Wh,
    pub cause: Option<Cause>,
    /// `None` until it is judged for the first time.
    pub assessed_at: Option<Timestamp>,
}

impl Readiness {
    /// Before anybody has judged: a vehicle that is to run it is at risk until the contrary is shown.
    pub fn unjudged(has_vehicle: bool) -> Self {
        let state = if has_vehicle { ReadinessState::AtRisk } else { ReadinessState::Unassigned };
        Self { state, ..Self::default() }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadinessState {
    /// No vehicle is to run it.
    #[default]
    Unassigned,
    OnTrack,
    /// It will be ready with little to spare, or something is wrong that may still be put right.
    AtRisk,
    /// By all that is known it will lack energy at its departure.
    WillMiss,
    /// The vehicle has what it needs.
    Ready,
    Departed,
    /// The departure is over, and the vehicle did not have what it needed.
    Missed,
}

/// What keeps a vehicle from being ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    NotPluggedIn,
    ChargerFaulted,
    ChargerOffline,
    /// Circuits are full while it stands.
    CircuitLimit,
    /// The depot keeps a peak for money's sake.
    DemandTarget,
    /// It came too late for what it needs, even at full power.
    LateArrival,
    StalledCharging,
    /// More than vehicle or charger can do in the time.
    PowerLimit,
    /// Nobody knows its state of charge.
    SocUnknown,
}

/// What is known and foretold of a run, as whoever charges its vehicle sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prospect {
    pub departure_at: Timestamp,
    /// Where a vehicle is to run it.
    pub vehicle: Option<VehicleProspect>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VehicleProspect {
    pub battery: Wh,
    /// What it must leave with.
    pub needed: Soc,
    /// What it has now.
    pub soc: Option<Soc>,
    /// What it will have at the departure.
    pub predicted: Option<Soc>,
    /// When it will have what it needs.
    pub ready_at: Option<Timestamp>,
    /// What stands in its way.
    pub obstacle: Option<Cause>,
}

/// A vehicle that is ready less than this before its departure is at risk.
pub const SPARE: TimeDelta = TimeDelta::minutes(10);

/// Judges a run that has neither departed nor been cancelled.
pub fn assess(prospect: &Prospect, now: Timestamp) -> Readiness {
    let Some(vehicle) = &prospect.vehicle else {
        return Readiness { assessed_at: Some(now), ..Readiness::default() };
    };
    let has_enough = vehicle.soc.is_some_and(|soc| soc >= vehicle.needed);
    let is_over = now >= prospect.departure_at;
    let predicted = if is_over { vehicle.soc } else { vehicle.predicted };
    let will_have_enough = predicted.is_some_and(|soc| soc >= vehicle.needed);
    let is_tight = vehicle.ready_at.is_none_or(|at| at > prospect.departure_at - SPARE);
    let state = match (has_enough, is_over) {
        (true, _) => ReadinessState::Ready,
        (false, true) => ReadinessState::Missed,
        (false, false) if predicted.is_some() && !will_have_enough => ReadinessState::WillMiss,
        (false, false) if predicted.is_none() || is_tight || vehicle.obstacle.is_some() => {
            ReadinessState::AtRisk
        }
        (false, false) => ReadinessState::OnTrack,
    };
    let cause = match state {
        ReadinessState::Ready | ReadinessState::OnTrack => None,
        _ if predicted.is_none() => vehicle.obstacle.or(Some(Cause::SocUnknown)),
        _ => vehicle.obstacle.or(Some(Cause::PowerLimit)),
    };
    let lacks = predicted.map_or(0, |soc| vehicle.needed.hundredths().saturating_sub(soc.hundredths()));
    Readiness {
        state,
        predicted_soc: predicted,
        predicted_ready_at: if has_enough { vehicle.ready_at.or(Some(now)) } else { vehicle.ready_at },
        shortfall: Wh(vehicle.battery.get().saturating_mul(lacks.into()) / 10_000),
        cause,
        assessed_at: Some(now),
    }
}
