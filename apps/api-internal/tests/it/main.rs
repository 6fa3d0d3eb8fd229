//! The operators' API over a real router and a real database.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod access;
mod app;
mod charge_points;
mod charging;
mod charging_overrides;
mod charts;
mod commands;
mod depots;
mod dispatch;
mod id_tags;
mod message_log;
mod plan;
mod priority;
mod roster;
mod transactions;
mod vehicles;
mod walk;
