//! What lies ahead of a depot: the plan of its next day, and what becomes of its runs.

mod model;

pub use model::{DepotPlan, VehiclePlan};
