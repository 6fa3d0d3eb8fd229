//! Dispatch: which vehicle leaves when, with how much energy, and whether it will be ready.
//!
//! A *run* (block) is one duty: out of a depot at a time, with the energy it needs. It knows no
//! charger and no plan: what becomes of a run is foretold by whoever charges, judged here by
//! [`assess`], and kept with the run.

mod model;
mod port;
mod readiness;

pub use model::{Run, RunState};
pub use port::{HasRuns, RunReader, RunRepository};
pub use readiness::{Cause, Prospect, Readiness, ReadinessState, SPARE, VehicleProspect, assess};
