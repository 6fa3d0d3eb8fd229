//! What lies ahead of a depot: the plan of its next day, and what becomes of its runs.
//!
//! [`Sight`] is all that is known; [`question`] makes of it what the planner is asked, [`outlook`] makes of the
//! answer what the depot will see, and [`prospects`] what dispatch judges its runs by. All of it is pure:
//! the same sight gives the same outlook. See `docs/smart-charging.md`.

mod answer;
mod forecast;
mod grid;
mod limits;
mod model;
mod peak;
mod places;
mod problem;
mod progress;
mod prospects;
mod sight;
mod stays;

pub use answer::outlook;
pub use forecast::{LOOKS_BACK, LoadProfile, LoadQuarter, load_forecast};
pub use grid::{Grid, SLOT_MINUTES};
pub use limits::{SlotLimit, slot_limits};
pub use model::{
    BatteryOutlook, CircuitOutlook, DepotOutlook, DepotPlan, FullCircuit, PlanCost, Progress, TargetOutlook,
    Trigger, VehiclePlan,
};
pub use peak::{month_begin, month_peak};
pub use places::STRANGERS_STAY;
pub use problem::{Asked, Question, Room, question};
pub use prospects::prospects;
pub use sight::{History, Place, Sight};
pub use stays::{OVERDUE, PLUG_IN, Stay, stays};
