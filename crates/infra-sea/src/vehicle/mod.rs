//! Vehicles and id tags.

mod id_tag_entity;
mod id_tags;
pub(crate) mod vehicle_entity;
mod vehicles;
