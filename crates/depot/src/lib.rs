//! Depots: where vehicles stand and charge, and the electricity that reaches them.
//!
//! A depot has a time zone, zones and bays, an electricity tariff, and an electrical tree from the
//! grid connection down to the circuits that chargers hang on. Every node of the tree has a limit,
//! which windows and outside parties change over time; [`effective_limit`] says what holds at an
//! instant, and [`Topology`] is all of it in one reading for whoever controls the charging. This
//! crate does not know chargers beyond their ids, nor sessions, vehicles or setpoints.

pub mod command;
pub mod error;
pub mod event;
pub mod model;
pub mod port;
pub mod service;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod topology;
pub mod tree;

pub use command::{
    ChangeBay, ChangeCircuit, ChangeDepot, ChangeLimitWindow, ChangeZone, CreateBay, CreateCircuit,
    CreateDepot, CreateLimitWindow, CreateZone, PutExternalLimits, PutTariff,
};
pub use error::DepotError;
pub use model::{
    Bay, ChargingStrategy, Circuit, CircuitKind, CircuitLimit, Depot, DepotLive, ElectricityTariff,
    ExternalLimit, ExternalLimits, GeoPoint, LimitWindow, LoadReading, LoadState, Margin, Overview, Phases,
    Precedence, Price, PriceBand, Risk, Schedule, TimeOfDay, TimeZone, Volts, WeekBand, Weekdays, Zone,
};
pub use port::{
    CircuitRepository, DepotFilter, DepotReader, DepotRepository, DepotTx, HasCircuits, HasDepots,
    LiveReader, TopologyReader,
};
pub use service::{CircuitService, DepotService};
pub use topology::{Basis, Bound, CircuitNode, EffectiveLimit, Topology, effective_limit};
