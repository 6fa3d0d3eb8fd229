//! Runs, series of runs, and what dispatch knows of depots and vehicles.

mod fleet;
mod reader;
mod roster;
pub(crate) mod run_entity;
mod runs;
mod series;
mod series_entity;
