//! Runs.

use chrono::NaiveDate;
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
    pub state: RunState,
    pub readiness: Readiness,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    #[default]
    Planned,
    /// The vehicle has left, at this instant.
    Departed,
    Cancelled,
}

impl Run {
    /// The state of charge that `vehicle` must leave with: as named; else the minimum plus what the
    /// duty takes, by its energy or by its distance; else the vehicle's own target. At most full.
    pub fn soc_needed(&self, vehicle: &Vehicle) -> Soc {
        if let Some(required) = self.required_soc {
            return required;
        }
        let Some(energy) = self.energy_needed(vehicle) else { return vehicle.target_soc };
        let battery = vehicle.battery.get().max(1);
        let share = (energy.get().saturating_mul(10_000) + battery - 1) / battery;
        let needed = share.saturating_add(i64::from(self.minimum_soc.hundredths())).clamp(0, 10_000);
        u16::try_from(needed).ok().and_then(Soc::from_hundredths).unwrap_or(Soc::FULL)
    }

    /// What the duty takes out of the vehicle's battery, where that is known.
    pub fn energy_needed(&self, vehicle: &Vehicle) -> Option<Wh> {
        self.energy_required.or_else(|| {
            let (distance, per_km) = (self.distance_m?, vehicle.efficiency_wh_per_km?);
            Some(Wh((distance.saturating_mul(per_km) + 999).div_euclid(1_000)))
        })
    }
}
