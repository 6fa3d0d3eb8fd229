//! Reading a depot, deciding, and giving the orders.

mod allocations;
mod controls;
mod orders;

pub use allocations::AllocationService;
pub use controls::{ControlService, Ticked};
