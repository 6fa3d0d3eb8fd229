//! A chart before it is written down.

use depot::TimeZone;
use kernel::{ChargePointId, CircuitId, DepotId, Timestamp, VehicleId};

use crate::kind::{Kind, Resolution};

/// Series of one kind over one time.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    pub kind: Kind,
    pub subject: Subject,
    /// What it is of, as people call it.
    pub of: String,
    pub zone: TimeZone,
    /// The beginning of the first bucket.
    pub from: Timestamp,
    /// The end of the last.
    pub to: Timestamp,
    pub resolution: Resolution,
    pub unit: Unit,
    pub series: Vec<Series>,
}

impl Chart {
    pub fn title(&self) -> String {
        let what = match self.kind {
            Kind::DepotPower => "Power",
            Kind::CircuitPower => "Power of a circuit",
            Kind::Energy => "Energy",
            Kind::Soc => "State of charge",
            Kind::Utilisation => "Utilisation",
            Kind::PlanVsActual => "Plan and actual",
            Kind::Readiness => "Readiness of runs",
            Kind::DemandPeaks => "Peaks of demand",
        };
        format!("{what}: {}", self.of)
    }
}

/// What a chart is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    Depot(DepotId),
    Circuit(DepotId, CircuitId),
    ChargePoint(ChargePointId),
    Vehicle(VehicleId),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Kilowatts,
    KilowattHours,
    Percent,
    Runs,
}

impl Unit {
    /// As the API names it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kilowatts => "kw",
            Self::KilowattHours => "kwh",
            Self::Percent => "percent",
            Self::Runs => "runs",
        }
    }

    /// As people read it.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Kilowatts => "kW",
            Self::KilowattHours => "kWh",
            Self::Percent => "%",
            Self::Runs => "runs",
        }
    }
}

/// One thing over time.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// For programs.
    pub name: &'static str,
    /// For people.
    pub label: &'static str,
    pub shape: Shape,
    pub points: Vec<Point>,
    /// How many there were before the series was thinned.
    pub whole: usize,
    /// The sum of all values, where values can be added.
    pub total: Option<f64>,
}

impl Series {
    pub fn new(name: &'static str, label: &'static str, shape: Shape, points: Vec<Point>) -> Self {
        Self { name, label, shape, whole: points.len(), points, total: None }
    }

    #[must_use]
    pub fn summed(mut self) -> Self {
        self.total = Some(self.points.iter().filter_map(|point| point.value).sum());
        self
    }
}

/// What a series is, and so how it is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Line,
    Bars,
    /// A part of bars that stand on one another.
    Stacked,
    /// What must not be exceeded; holds from each point until the next.
    Limit,
    /// What should be kept or reached; holds from each point until the next.
    Target,
    /// What was meant to be; holds from each point until the next.
    Plan,
}

impl Shape {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Bars => "bars",
            Self::Stacked => "stacked",
            Self::Limit => "limit",
            Self::Target => "target",
            Self::Plan => "plan",
        }
    }

    /// Whether a value holds until the next point.
    pub const fn holds(self) -> bool {
        matches!(self, Self::Limit | Self::Target | Self::Plan)
    }
}

/// A value in the unit of its chart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// The beginning of its bucket.
    pub at: Timestamp,
    /// `None` where nobody knows.
    pub value: Option<f64>,
}
