//! From where the chargers are to where the allocation wants them, without ever passing through a
//! state that the circuits do not allow.
//!
//! Every EVSE has an *exposure*: the most it may draw given everything it was told and everything
//! that may not have reached it yet. Reductions are ordered at once, but an EVSE's exposure falls
//! only when the charger has confirmed and a reading has shown it. Increases are ordered only into
//! room that is free of exposures, and slowly. See `docs/adr/0002-safe-transitions.md`.

mod asked;
mod following;
mod orders;
mod pace;
mod progress;
mod room;
mod setpoint;
mod step;
mod strategy;
mod turn;
mod view;

pub use asked::Left;
pub use following::{Following, FollowingChange};
pub use pace::Pace;
pub use progress::Progress;
pub use setpoint::{Held, Pending, Setpoint, SetpointReason, Unseen};
pub use step::{Decision, DepotView, EvseView, Steering, Target, TierSource, step};
pub use strategy::PlanUse;
pub use turn::Turn;
pub(crate) use view::wants_plan;
pub use view::{Depot, view};
