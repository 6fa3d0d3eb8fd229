//! Limits, pauses, boosts and strategies set by hand, for a time.

mod command;
mod error;
pub mod event;
mod model;
mod port;
mod service;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use command::CreateOverride;
pub use error::OverrideError;
pub use model::{ChargingOverride, OverrideAction, OverrideStrategy, OverrideTarget};
pub use port::{HasOverrides, KnownTargets, OverrideFilter, OverrideReader, OverrideRepository, OverrideTx};
pub use service::OverrideService;
