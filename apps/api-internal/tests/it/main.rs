//! The operators' API over a real router and a real database.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod access;
mod alerts;
mod app;
mod charge_points;
mod charging;
mod charging_overrides;
mod charts;
mod commands;
mod credentials;
mod depots;
mod dispatch;
mod events;
mod id_tags;
mod message_log;
mod oidc;
mod plan;
mod policy;
mod priority;
mod proxies;
mod reach;
mod report_reach;
mod report_totals;
mod reports;
mod resource_groups;
mod roster;
mod sessions;
mod trail;
mod transactions;
mod uptime;
mod vehicles;
mod walk;
