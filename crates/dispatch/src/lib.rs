//! Dispatch: which vehicle leaves when, with how much energy, and whether it will be ready.
//!
//! A *run* (block) is one duty: out of a depot at a time, with the energy it needs. Runs are made one
//! by one, by a *series* that recurs, or by an import. It knows no charger and no plan: what becomes
//! of a run is foretold by whoever charges, judged here by [`assess`], and kept with the run.

mod assignment;
mod check;
pub mod command;
pub mod error;
pub mod event;
mod import;
mod model;
pub mod port;
mod readiness;
mod series;
pub mod service;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use assignment::{Candidate, Cost, Obstacle, Suggestion, Suggestions, fit, suggest};
pub use command::{ChangeDuty, ChangeRecurrence, ChangeRun, ChangeSeries, CreateRun, CreateSeries};
pub use error::DispatchError;
pub use import::{Format, ImportReport, MOST_ERRORS, MOST_ROWS, RowError};
pub use model::{Duty, Run, RunKey, RunState};
pub use port::{
    DispatchTx, Fleet, HasRoster, HasRuns, HasSeries, ReadinessWork, RosterReader, RosterRepository,
    RunFilter, RunReader, RunRepository, SeriesFilter, SeriesRepository,
};
pub use readiness::{Cause, Prospect, Readiness, ReadinessState, SPARE, VehicleProspect, assess};
pub use series::{Length, Recurrence, RunSeries};
pub use service::{Ahead, DispatchService, Made, ReadinessOverview, RunsAhead, record_readiness};
