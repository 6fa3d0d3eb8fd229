//! Who comes first when there is not enough power for all.
//!
//! An organisation names its levels, orders its rules and sets overrides that expire. From the
//! facts about whoever stands at a charger, [`effective`] tells the level that holds, and what gave
//! it: an override, a rule, the vehicle's next run, the vehicle itself, or nothing. The level follows the vehicle from bay
//! to bay. This crate does not know vehicles, chargers or timetables; it is told the facts.

pub mod command;
pub mod effective;
pub mod error;
pub mod event;
pub mod model;
pub mod port;
pub mod service;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use command::{ChangeLevel, ChangeRule, CreateLevel, CreateOverride, CreateRule};
pub use effective::{Effective, Facts, Source, effective};
pub use error::PriorityError;
pub use model::{Conditions, Level, Override, OverrideTarget, Rule, RuleTarget};
pub use port::{
    FactsReader, HasPriorities, KnownTargets, OverrideFilter, Priorities, PriorityReader, PriorityRepository,
    PriorityTx, Stand,
};
pub use service::PriorityService;
