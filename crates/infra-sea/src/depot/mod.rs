//! Depots, their yards, the electrical tree and what limits it, tariffs.

mod circuit_entity;
mod circuits;
pub(crate) mod depot_entity;
mod depots;
mod limit_entities;
mod live;
mod readers;
pub(crate) mod tariff_entity;
mod topology;
mod yard_entities;
