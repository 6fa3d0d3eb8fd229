//! The operators' API over a real router and a real database.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod access;
mod alerts;
mod app;
mod charge_points;
mod charging;
mod commands;
mod depots;
mod events;
mod id_tags;
mod priority;
mod transactions;
mod uptime;
mod vehicles;
mod walk;
