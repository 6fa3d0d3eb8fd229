//! Runs of reports, and what reports are made of.

mod chargers;
mod entity;
mod reader;
mod repository;
mod schedule_entity;
mod source;
