//! The operators' API: one folder per resource, one file per endpoint.
//!
//! An endpoint turns a request into a domain's command, calls its service and turns the entity
//! into a response. It decides nothing itself. [`router`] is the whole server; [`document`]
//! describes it.

mod alert_rules;
mod alerts;
mod api_keys;
mod audit;
mod auth;
mod charge_points;
mod charging;
mod charts;
mod circuits;
mod commands;
mod dead_letters;
mod depots;
mod dispatch;
mod events;
mod id_tags;
mod maintenance_windows;
mod me;
mod message_log;
mod organisation;
mod priority;
mod reports;
mod resource_groups;
mod roles;
mod router;
mod server;
mod transactions;
mod units;
mod users;
mod vehicles;
mod week;

use std::sync::Arc;

pub use auth::authenticator;
pub use router::{document, router};
pub use server::start;

/// What handlers work with.
pub type App = Arc<runtime::Services>;
