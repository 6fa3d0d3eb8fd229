//! The plan: a pure function from a depot's tree, demands and prices to energy by slot.
//!
//! With a tree in watts, the lexicographic optimum (least unmet energy by tier, then least cost of
//! energy and peak) needs no linear program, only maximum flow: [`plan`] opens the tiers one after
//! another, then buys the same totals in the cheapest slots first, under the peak that is worth its
//! price, and merges what is too little to charge with. All of it is integer arithmetic. There is
//! always a plan; what it cannot deliver is told with the circuits that are full.
//! See `docs/smart-charging.md` for the formulas and their sources.

mod augment;
mod curve;
mod json;
mod levels;
mod minimum;
mod network;
mod outcome;
mod peak;
mod price;
mod problem;
mod reach;
mod rows;
mod shortfall;
mod solve;
mod taper;
mod tiers;

pub use curve::Battery;
pub use json::{PlanJsonError, plan_json, plan_json_with};
pub use outcome::{Binding, Plan, PlanBill, Shortfall, TargetKept, WattMinutes};
pub use problem::{CircuitRoom, Demand, DemandTarget, Horizon, Problem, ProblemError, Tariff};
pub use solve::{Settings, deliverable, plan};
