//! What a depot and its parts are.

mod circuit;
mod depot;
mod limit;
mod load;
mod overview;
mod site;
mod tariff;

pub use circuit::{Circuit, CircuitKind, Margin, Phases, Volts};
pub use depot::{ChargingStrategy, Depot, GeoPoint, TimeZone};
pub use limit::{CircuitLimit, ExternalLimit, ExternalLimits, LimitWindow, Precedence, Schedule};
pub use load::{LoadReading, LoadState};
pub use overview::{DepotLive, Overview, Risk};
pub use site::{Bay, Zone};
pub use tariff::{ElectricityTariff, Price, PriceBand};

pub use kernel::{TimeOfDay, WeekBand, Weekdays};
