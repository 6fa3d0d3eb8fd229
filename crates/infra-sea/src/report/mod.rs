//! Runs of reports, and what reports are made of.

mod chargers;
mod connectors;
mod costs;
mod duties;
mod entity;
mod reader;
mod repository;
mod schedule_entity;
mod source;
