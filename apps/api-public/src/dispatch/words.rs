//! The words of dispatch, and what a run asks of its vehicle.

use dispatch::{Cause, ChangeDuty, Duty, ReadinessState, RunState};
use http_kit::Patch;
use kernel::{Change, Invalid, PriorityLevel, Soc, Wh};
use uuid::Uuid;

use crate::{units::soc, words::words};

words! {
    StateWord as RunState for RunState {
        Planned,
        /// The vehicle has left.
        Departed,
        Cancelled,
    }
}

words! {
    /// Whether a run's vehicle will be ready.
    ReadinessWord as ReadinessState for ReadinessState {
        /// No vehicle is to run it.
        Unassigned,
        OnTrack,
        /// With little to spare, or something is wrong that may still be put right; also where nobody
        /// has judged it yet.
        AtRisk,
        /// By all that is known it will lack energy at its departure.
        WillMiss,
        /// The vehicle has what it needs.
        Ready,
        Departed,
        /// The departure is over, and the vehicle did not have what it needed.
        Missed,
    }
}

words! {
    /// What keeps a vehicle from being ready.
    CauseWord as ReadinessCause for Cause {
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
}

/// What a new run asks of its vehicle, and which vehicle that is.
pub(super) struct DutyFields {
    pub(super) distance_km: Option<f64>,
    pub(super) energy_required_kwh: Option<f64>,
    pub(super) required_soc_percent: Option<f64>,
    pub(super) minimum_soc_percent: f64,
    pub(super) vehicle_id: Option<Uuid>,
    pub(super) vehicle_class: Option<String>,
    pub(super) priority_level: Option<u8>,
}

impl DutyFields {
    pub(super) fn duty(self, invalid: &mut Invalid) -> Duty {
        let mut share = |field: &str, percent| soc(field, percent, invalid);
        let required_soc = self.required_soc_percent.map(|percent| share("/required_soc_percent", percent));
        let minimum_soc = share("/minimum_soc_percent", self.minimum_soc_percent);
        Duty {
            distance_m: self.distance_km.map(metres),
            energy_required: self.energy_required_kwh.map(Wh::from_kilo),
            required_soc,
            minimum_soc,
            vehicle: self.vehicle_id.map(Into::into),
            vehicle_class: self.vehicle_class,
            priority_level: self.priority_level.map(|level| priority_level(level, invalid)),
        }
    }
}

/// The same of a merge patch.
pub(super) struct DutyPatch {
    pub(super) distance_km: Patch<f64>,
    pub(super) energy_required_kwh: Patch<f64>,
    pub(super) required_soc_percent: Patch<f64>,
    pub(super) minimum_soc_percent: Option<f64>,
    pub(super) vehicle_id: Patch<Uuid>,
    pub(super) vehicle_class: Patch<String>,
    pub(super) priority_level: Patch<u8>,
}

impl DutyPatch {
    pub(super) fn change(self, invalid: &mut Invalid) -> ChangeDuty {
        let required_soc: Change<Soc> =
            self.required_soc_percent.0.map(|percent| soc("/required_soc_percent", percent, invalid));
        let minimum_soc =
            self.minimum_soc_percent.map(|percent| soc("/minimum_soc_percent", percent, invalid));
        ChangeDuty {
            distance_m: self.distance_km.0.map(metres),
            energy_required: self.energy_required_kwh.0.map(Wh::from_kilo),
            required_soc,
            minimum_soc,
            vehicle: self.vehicle_id.0.map(Into::into),
            vehicle_class: self.vehicle_class.0,
            priority_level: self.priority_level.0.map(|level| priority_level(level, invalid)),
        }
    }
}

/// Kilometres in the domain's whole metres.
fn metres(kilometres: f64) -> i64 {
    Wh::from_kilo(kilometres).get()
}

/// Whole metres as the API shows them.
pub(super) fn kilometres(metres: i64) -> f64 {
    Wh(metres).to_kilo()
}

fn priority_level(level: u8, invalid: &mut Invalid) -> PriorityLevel {
    PriorityLevel::new(level).unwrap_or_else(|| {
        invalid.push("/priority_level", "out_of_range", "must be between 1 and 9");
        PriorityLevel::default()
    })
}
