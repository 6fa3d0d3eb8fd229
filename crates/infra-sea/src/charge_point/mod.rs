//! Charge points, their live facts and settings, and the orders they are given.

mod admission;
mod assembly;
pub(crate) mod charge_point_entity;
mod charge_points;
mod charger_state;
mod command_entity;
mod commands;
mod configuration_entity;
pub(crate) mod connector_entity;
mod evse_entity;
mod json;
mod places;
mod uptime;
