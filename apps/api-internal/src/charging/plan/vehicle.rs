//! A stay of a vehicle in a plan.

use std::collections::BTreeMap;

use charging::{
    VehiclePlan,
    outlook::{FullCircuit, Grid},
};
use chrono::{DateTime, Utc};
use kernel::Soc;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::words::CauseWord;

#[derive(Serialize, ToSchema)]
#[schema(as = PlanVehicle)]
pub(crate) struct StayBody {
    vehicle_id: Uuid,
    /// Where it is plugged in, or will be; null where no place is free.
    #[schema(required)]
    evse_id: Option<Uuid>,
    /// The run it leaves for.
    #[schema(required)]
    run_id: Option<Uuid>,
    /// Priority level, 1 is served first.
    tier: u8,
    arrival_at: DateTime<Utc>,
    /// The end of the horizon where it has no run.
    departure_at: DateTime<Utc>,
    /// From the grid, from the plan's first slot on.
    need_kwh: f64,
    unmet_kwh: f64,
    /// Circuits that are full while it lacks energy: what limits most comes first.
    binding_circuits: Vec<BindingBody>,
    /// At the departure; null where its state of charge is not known.
    #[schema(required)]
    predicted_soc_percent: Option<f64>,
    /// When it has what it needs; null where it never has.
    #[schema(required)]
    ready_at: Option<DateTime<Utc>>,
    /// What stands in its way.
    #[schema(required)]
    reason: Option<CauseWord>,
    /// Of its stay only.
    slots: Vec<StaySlotBody>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PlanBinding)]
pub(crate) struct BindingBody {
    circuit_id: Uuid,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    /// Whether it is the depot's target for its peak that is full, and not a wire.
    demand_target: bool,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PlanVehicleSlot)]
pub(crate) struct StaySlotBody {
    from: DateTime<Utc>,
    /// While it stands there.
    power_kw: f64,
    /// At the slot's end; null where its state of charge is not known.
    #[schema(required)]
    soc_percent: Option<f64>,
}

impl StayBody {
    pub(super) fn of(plan: VehiclePlan, grid: &Grid) -> Self {
        let socs: BTreeMap<usize, Soc> = plan.soc_by_slot(grid).into_iter().collect();
        let (first, last) = grid.touched(plan.arrival_at, plan.departure_at).unwrap_or_default();
        let slots = plan.power.iter().enumerate().take(last).skip(first).map(|(slot, power)| StaySlotBody {
            from: grid.at(slot),
            power_kw: power.to_kilo(),
            soc_percent: socs.get(&slot).copied().map(Soc::to_percent),
        });
        Self {
            slots: slots.collect(),
            vehicle_id: plan.vehicle.into(),
            evse_id: plan.evse.map(Into::into),
            run_id: plan.run.map(Into::into),
            tier: plan.tier,
            arrival_at: plan.arrival_at,
            departure_at: plan.departure_at,
            need_kwh: plan.need.to_kilo(),
            unmet_kwh: plan.unmet.to_kilo(),
            binding_circuits: plan.binding.into_iter().map(BindingBody::from).collect(),
            predicted_soc_percent: plan.predicted_soc.map(Soc::to_percent),
            ready_at: plan.ready_at,
            reason: plan.reason.map(CauseWord::from),
        }
    }
}

impl From<FullCircuit> for BindingBody {
    fn from(full: FullCircuit) -> Self {
        Self { circuit_id: full.circuit.into(), from: full.from, to: full.to, demand_target: full.target }
    }
}
