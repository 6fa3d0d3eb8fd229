//! Vehicles of a fleet and the tags by which a charger recognises them.
//!
//! A vehicle has a battery, limits of what it can take, a target, and a state of charge that is
//! observed from several sources of different worth. An id tag (RFID card, EVCCID, EMAID) belongs
//! to at most one vehicle. This crate does not know chargers, transactions or charging plans.

pub mod command;
pub mod error;
pub mod event;
pub mod model;
pub mod port;
pub mod service;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use command::{ChangeIdTag, ChangeVehicle, CreateIdTag, CreateVehicle, Observation, ReportSoc};
pub use error::VehicleError;
pub use kernel::PriorityLevel;
pub use model::{
    Authorisation, IdTag, IdTagKind, IdTagStatus, IdTagValue, Precondition, SocObservation, SocSource,
    Vehicle, VehicleName, VehicleState,
};
pub use port::{
    HasIdTags, HasVehicles, IdTagFilter, IdTagReader, IdTagRepository, KnownDepots, NamedVehicles,
    VehicleFilter, VehicleReader, VehicleRepository, VehicleTx, VehicleWork,
};
pub use service::{IdTagService, MOST_OBSERVATIONS, Observed, VehicleService, recording};
