//! The partners' API over a real router and a real database.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod app;
mod charge_points;
mod circuits;
mod commands;
mod depots;
mod dispatch;
mod events;
mod happenings;
mod hostile;
mod oauth;
mod priority;
mod quotas;
mod surfaces;
mod telematics;
mod transactions;
mod vehicles;
mod walk;
mod webhooks;
mod world;
