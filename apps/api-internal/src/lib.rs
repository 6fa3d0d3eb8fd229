//! The operators' API: one folder per resource, one file per endpoint.
//!
//! An endpoint turns a request into a domain's command, calls its service and turns the entity
//! into a response. It decides nothing itself. [`router`] is the whole server; [`document`]
//! describes it.

mod charge_points;
mod commands;
mod id_tags;
mod router;
mod server;
mod units;
mod vehicles;

use std::sync::Arc;

pub use router::{document, router};
pub use server::start;

/// What handlers work with.
pub type App = Arc<runtime::Services>;
