//! Charts: what a depot, a circuit, a charger or a vehicle did over time, as series and as SVG.
//!
//! A [`ChartRequest`] is checked into a [`Window`], whose [`Grid`] says where every bucket begins by the
//! clock of the depot; sums by quarter of an hour are folded into it, long lines are thinned without
//! losing their shape ([`thin`]), and [`svg`] draws what came of it. What nobody measured is a gap, never
//! a zero. This crate does not know where sums come from, nor HTTP.

pub mod error;
pub mod fold;
pub mod grid;
pub mod kind;
pub mod model;
pub mod port;
pub mod request;
pub mod service;
pub mod svg;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod thin;

pub use error::ChartError;
pub use grid::Grid;
pub use kind::{Kind, Resolution};
pub use model::{Chart, Point, Series, Shape, Subject, Unit};
pub use port::{
    Capacity, ChargerPlace, ChartReader, LoadOfOthers, Meter, MinuteMean, Open, Planned, QuarterSum,
    ReadinessCount, RunOutcome, SocAt, VehiclePlace,
};
pub use request::{ChartRequest, Window};
pub use service::ChartService;
pub use thin::thin;
