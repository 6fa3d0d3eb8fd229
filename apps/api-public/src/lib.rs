//! The partners' API: a smaller surface with its own credentials, paths and response models.
//!
//! Nothing of the operators' API answers here, and no token of theirs is taken. What a partner
//! sees is decided here, endpoint by endpoint, and does not change when the operators' API does.

mod authenticator;
mod charge_points;
mod circuits;
mod commands;
mod depots;
mod dispatch;
mod events;
mod oauth;
mod priority;
mod router;
mod server;
mod transactions;
mod units;
mod vehicles;
mod webhooks;
mod words;

use std::sync::Arc;

pub use authenticator::authenticator;
pub use router::{document, router};
pub use server::start;

/// What handlers work with.
pub type App = Arc<runtime::Services>;
