//! The plan of a depot, as it is kept.

use kernel::{CircuitId, DepotId, EvseId, RunId, Soc, Timestamp, VehicleId, W, Wh};
use serde::{Deserialize, Serialize};

/// The newest plan of a depot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DepotPlan {
    pub depot: DepotId,
    pub computed_at: Timestamp,
    /// The beginning of the first slot: a whole multiple of the slot.
    pub starts_at: Timestamp,
    pub slot_minutes: u16,
    pub slots: usize,
    pub vehicles: Vec<VehiclePlan>,
}

/// What one vehicle is to take, in one stay at the depot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VehiclePlan {
    pub vehicle: VehicleId,
    /// Where it is plugged in, or will be; `None` where that is not known.
    pub evse: Option<EvseId>,
    pub run: Option<RunId>,
    /// Priority level, 1 is served first.
    pub tier: u8,
    pub arrival_at: Timestamp,
    pub departure_at: Timestamp,
    /// At the grid's side.
    pub need: Wh,
    pub unmet: Wh,
    /// Circuits that are full while it lacks energy.
    pub binding: Vec<CircuitId>,
    /// By slot of the horizon, the mean of the slot.
    pub power: Vec<W>,
    /// At the departure.
    pub predicted_soc: Option<Soc>,
    pub ready_at: Option<Timestamp>,
}

impl DepotPlan {
    /// The slot that an instant lies in; `None` outside the horizon.
    pub fn slot_at(&self, at: Timestamp) -> Option<usize> {
        let minutes = (at - self.starts_at).num_minutes();
        let slot = usize::try_from(minutes.div_euclid(i64::from(self.slot_minutes.max(1)))).ok()?;
        (slot < self.slots).then_some(slot)
    }

    /// What a vehicle is to take at an instant; `None` where the plan says nothing of it.
    pub fn power_of(&self, vehicle: VehicleId, at: Timestamp) -> Option<W> {
        let slot = self.slot_at(at)?;
        let staying =
            |plan: &&VehiclePlan| plan.vehicle == vehicle && plan.arrival_at <= at && at < plan.departure_at;
        let plan = self.vehicles.iter().find(staying)?;
        plan.power.get(slot).copied()
    }
}
