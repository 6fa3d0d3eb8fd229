//! Smart charging: who may draw how much now, and who should draw how much when.
//!
//! [`allocation`] is the pure heart: from a depot's electrical tree and what its vehicles ask for
//! to a setpoint for every EVSE, with the reason of each. It knows no clock, no store, no charger.
//! [`plan`] is as pure and looks a day ahead: energy by slot, at the least cost. [`outlook`] makes its
//! problem of what is seen of a depot; [`PlanService`] keeps the plan and what it foretells of runs.
//! [`control`] gets a depot there safely: what is out among the chargers, and what is on its way
//! to them, never adds up to more than the circuits allow. [`overrides`] are what is set by hand.
//! [`ControlService`] reads a depot, lets
//! [`control`] decide, and gives the orders.

pub mod allocation;
pub mod control;
mod error;
mod event;
pub mod outlook;
pub mod overrides;
pub mod plan;
mod port;
mod service;

pub use control::{Following, Held, Pace, Pending, PlanUse, Setpoint, SetpointReason, TierSource};
pub use error::ChargingError;
pub use outlook::{DepotOutlook, DepotPlan, Trigger, VehiclePlan};
pub use port::{
    ChargerDrew, ChargingTx, DepotAllocation, EvseShare, HasPlans, HasSetpoints, NodeUse, PlanHistory,
    PlanReader, PlanRepository, PlanTx, PlanUpkeep, PlannedSlot, Planner, SetpointReader, SetpointRepository,
};
pub use service::{
    AllocationService, ControlService, LiveService, LiveState, PlanService, PlannedAndActual, Replanned,
    Ticked,
};
