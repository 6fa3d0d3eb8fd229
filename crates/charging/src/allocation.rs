//! The real-time allocation: a pure function from a depot's tree and its demands to setpoints.
//!
//! Every constraint is a *link*: the power of a circuit, or the current in one of its phases. A
//! vehicle uses all links between its EVSE and the grid. [`allocate`] admits vehicles at their
//! minimum, the most important and most pressed first, then raises tier by tier, all alike
//! (max-min fair in current per phase) until a link is full or a vehicle has what it asked for.
//! All of it is integer arithmetic, so equal problems give equal answers on every machine.
//! See `docs/smart-charging.md` for the formulas and their sources.

mod fill;
mod json;
mod links;
mod outcome;
mod phases;
mod problem;
mod scale;
mod solve;

pub use json::{AllocateJsonError, allocate_json};
pub use outcome::{Allocation, CircuitUse, EvseAllocation, Reason};
pub use phases::{Phases, Rotation};
pub use problem::{Ask, CircuitInput, EvseInput, Load, Problem, ProblemError, Round, Service};
pub use solve::allocate;
