//! Reading a depot, deciding, and giving the orders.

mod act;
mod allocations;
mod controls;
mod live;
mod orders;
mod plans;
mod report;

pub use allocations::AllocationService;
pub use controls::{ControlService, Ticked};
pub use live::{LiveService, LiveState};
pub use plans::{PlanService, PlannedAndActual, Replanned};
