//! From where the chargers are to where the allocation wants them, without ever passing through a
//! state that the circuits do not allow.
//!
//! Every EVSE has an *exposure*: the most it may draw given everything it was told and everything
//! that may not have reached it yet. Reductions are ordered at once, but an EVSE's exposure falls
//! only when the charger has confirmed. Increases are ordered only into room that is free of
//! exposures. See `docs/adr/0002-safe-transitions.md`.

mod room;
mod setpoint;
mod step;
mod view;

pub use setpoint::{Held, Pending, Setpoint, SetpointReason};
pub use step::{Decision, DepotView, EvseView, Steering, Target, TierSource, step};
pub use view::{Depot, view};
