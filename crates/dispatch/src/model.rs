//! Runs.

use chrono::{NaiveDate, TimeDelta};
use kernel::{
    DepotId, OrganisationId, PriorityLevel, RunId, RunSeriesId, Soc, Timestamp, VehicleId, Version, Wh,
};
use serde::Serialize;
use vehicle::Vehicle;

use crate::readiness::Readiness;

/// One duty of one vehicle.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Run {
    pub id: RunId,
    pub organisation: OrganisationId,
    pub version: Version,
    pub depot: DepotId,
    /// The operating day it counts for, by the depot's calendar.
    pub service_date: NaiveDate,
    /// The operator's name of the duty, unique within depot and service date.
    pub block: String,
    pub departure_at: Timestamp,
    /// When it is back, after the departure.
    pub arrival_at: Timestamp,
    /// In metres.
    pub distance_m: Option<i64>,
    /// What the duty takes out of the battery; wins over the distance.
    pub energy_required: Option<Wh>,
    /// The state of charge to leave with; wins over energy and distance.
    pub required_soc: Option<Soc>,
    /// The state of charge to come back with.
    pub minimum_soc: Soc,
    pub vehicle: Option<VehicleId>,
    /// Which class of vehicle may run it; any where absent.
    pub vehicle_class: Option<String>,
    /// How important the run is; the vehicle's own level counts where absent.
    pub priority_level: Option<PriorityLevel>,
    /// The series it came from.
    pub series: Option<RunSeriesId>,
    /// The day for which the series made it, whatever became of it since.
    pub series_date: Option<NaiveDate>,
    /// It was changed by hand: its series leaves it alone.
    pub by_hand: bool,
    pub state: RunState,
    /// When the vehicle left.
    pub departed_at: Option<Timestamp>,
    pub readiness: Readiness,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    #[default]
    Planned,
    /// The vehicle has left.
    Departed,
    Cancelled,
}

/// What a duty asks of a vehicle, and which vehicle that is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Duty {
    /// In metres.
    pub distance_m: Option<i64>,
    pub energy_required: Option<Wh>,
    pub required_soc: Option<Soc>,
    pub minimum_soc: Soc,
    pub vehicle: Option<VehicleId>,
    pub vehicle_class: Option<String>,
    pub priority_level: Option<PriorityLevel>,
}

/// What names a run to people: unique within an organisation.
pub type RunKey = (DepotId, NaiveDate, String);

impl Run {
    /// The longest that a run may take.
    pub const LONGEST: TimeDelta = TimeDelta::hours(72);

    pub fn key(&self) -> RunKey {
        (self.depot, self.service_date, self.block.clone())
    }

    pub fn duty(&self) -> Duty {
        Duty {
            distance_m: self.distance_m,
            energy_required: self.energy_required,
            required_soc: self.required_soc,
            minimum_soc: self.minimum_soc,
            vehicle: self.vehicle,
            vehicle_class: self.vehicle_class.clone(),
            priority_level: self.priority_level,
        }
    }

    pub(crate) fn set_duty(&mut self, duty: Duty) {
        self.distance_m = duty.distance_m;
        self.energy_required = duty.energy_required;
        self.required_soc = duty.required_soc;
        self.minimum_soc = duty.minimum_soc;
        self.vehicle = duty.vehicle;
        self.vehicle_class = duty.vehicle_class;
        self.priority_level = duty.priority_level;
    }

    /// Whether one vehicle cannot run both. A run may begin the moment another ends.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.departure_at < other.arrival_at && other.departure_at < self.arrival_at
    }

    /// Whether what is foretold of one no longer holds for the other.
    pub(crate) fn foretells_otherwise(&self, other: &Self) -> bool {
        let asked = |run: &Self| (run.depot, run.departure_at, run.arrival_at);
        let duty = |run: &Self| Duty { vehicle_class: None, priority_level: None, ..run.duty() };
        asked(self) != asked(other) || duty(self) != duty(other)
    }

    /// The state of charge with which it comes back to the depot, where it left with what it needs.
    pub fn soc_after(&self, vehicle: &Vehicle) -> Soc {
        let Some(energy) = self.energy_needed(vehicle) else { return self.minimum_soc };
        let spent = share(energy, vehicle.battery);
        let left = i64::from(self.soc_needed(vehicle).hundredths()) - spent;
        soc(left).max(self.minimum_soc)
    }

    /// The state of charge that `vehicle` must leave with: as named; else the minimum plus what the
    /// duty takes, by its energy or by its distance; else the vehicle's own target. At most full.
    pub fn soc_needed(&self, vehicle: &Vehicle) -> Soc {
        if let Some(required) = self.required_soc {
            return required;
        }
        let Some(energy) = self.energy_needed(vehicle) else { return vehicle.target_soc };
        soc(share(energy, vehicle.battery).saturating_add(i64::from(self.minimum_soc.hundredths())))
    }

    /// What the duty takes out of the vehicle's battery, where that is known.
    pub fn energy_needed(&self, vehicle: &Vehicle) -> Option<Wh> {
        self.energy_required.or_else(|| {
            let (distance, per_km) = (self.distance_m?, vehicle.efficiency_wh_per_km?);
            Some(Wh((distance.saturating_mul(per_km) + 999).div_euclid(1_000)))
        })
    }
}

/// Energy as hundredths of a percent of a battery, rounded up.
fn share(energy: Wh, battery: Wh) -> i64 {
    let battery = battery.get().max(1);
    (energy.get().saturating_mul(10_000).saturating_add(battery - 1)).div_euclid(battery)
}

fn soc(hundredths: i64) -> Soc {
    u16::try_from(hundredths.clamp(0, 10_000)).ok().and_then(Soc::from_hundredths).unwrap_or(Soc::FULL)
}
