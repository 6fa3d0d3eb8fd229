//! What is asked for, and what of it can be drawn.

use chrono::{Datelike, TimeDelta};
use kernel::{ChargePointId, CircuitId, DepotId, Invalid, Timestamp, VehicleId};

use crate::kind::{Kind, Resolution};

/// The longest time of one chart: five years.
pub const LONGEST: TimeDelta = TimeDelta::days(5 * 366);
/// Single readings are looked at for so long at most.
pub const LONGEST_BY_MINUTE: TimeDelta = TimeDelta::days(1);
/// Points of a line, unless told otherwise.
pub const USUAL_POINTS: usize = 1_500;
/// Bars of a chart, at most; none of them may be left out.
pub const MOST_BARS: i64 = 2_000;

/// Bars of a chart whose resolution is left to us: more cannot be told apart.
const USUAL_BARS: i64 = 200;
/// Where the resolution is left to us, single readings are looked at for so long at most.
const MINUTES_UNTIL: TimeDelta = TimeDelta::hours(6);

/// A chart as somebody asks for it.
#[derive(Clone, Debug, Default)]
pub struct ChartRequest {
    pub depot: Option<DepotId>,
    pub circuit: Option<CircuitId>,
    pub charge_point: Option<ChargePointId>,
    pub vehicle: Option<VehicleId>,
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
    /// `None` leaves it to us.
    pub resolution: Option<Resolution>,
    /// How many points a line may have.
    pub max_points: Option<u32>,
}

/// Whom a kind can be asked of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    Depot(DepotId),
    Circuit(DepotId, Option<CircuitId>),
    ChargePoint(ChargePointId, Option<DepotId>),
    Vehicle(VehicleId, Option<DepotId>),
}

/// A time that can be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub from: Timestamp,
    pub to: Timestamp,
    pub resolution: Resolution,
    pub max_points: usize,
}

impl ChartRequest {
    /// # Errors
    /// Every field that cannot be used.
    pub fn check(&self, kind: Kind, now: Timestamp) -> Result<(Asked, Window), Invalid> {
        let mut invalid = Invalid::default();
        let asked = self.subject(kind, &mut invalid);
        let window = self.window(kind, now, &mut invalid);
        match (asked, window) {
            (Some(asked), Some(window)) if invalid.errors.is_empty() => Ok((asked, window)),
            _ => Err(invalid),
        }
    }

    fn subject(&self, kind: Kind, invalid: &mut Invalid) -> Option<Asked> {
        let mut refuse = |given: bool, pointer: &str| {
            if given {
                invalid.push(pointer, "unexpected", format!("means nothing to {}", kind.name()));
            }
        };
        let may_be_of_charger = matches!(kind, Kind::DepotPower | Kind::Energy | Kind::Utilisation);
        refuse(self.circuit.is_some() && kind != Kind::CircuitPower, "/circuit_id");
        refuse(self.charge_point.is_some() && !may_be_of_charger, "/charge_point_id");
        refuse(self.vehicle.is_some() && kind != Kind::Soc, "/vehicle_id");
        if kind == Kind::Soc {
            if self.vehicle.is_none() {
                invalid.push("/vehicle_id", "required", "must be given");
            }
            return Some(Asked::Vehicle(self.vehicle?, self.depot));
        }
        if let Some(charge_point) = self.charge_point.filter(|_| may_be_of_charger) {
            return Some(Asked::ChargePoint(charge_point, self.depot));
        }
        if self.depot.is_none() {
            invalid.push("/depot_id", "required", "must be given");
        }
        let depot = self.depot?;
        Some(if kind == Kind::CircuitPower {
            Asked::Circuit(depot, self.circuit)
        } else {
            Asked::Depot(depot)
        })
    }

    fn window(&self, kind: Kind, now: Timestamp, invalid: &mut Invalid) -> Option<Window> {
        // Calendars and sums are sure within these years.
        for (pointer, at) in [("/from", self.from), ("/to", self.to)] {
            if at.is_some_and(|at| !(1971..=2199).contains(&at.year())) {
                invalid.push(pointer, "out_of_range", "must lie in the years 1971 to 2199");
                return None;
            }
        }
        let ahead = self.from.filter(|from| *from >= now).map(|from| from + kind.usual());
        let to = self.to.or(ahead).unwrap_or(now);
        let from = self.from.unwrap_or(to - kind.usual());
        if from >= to {
            invalid.push("/from", "not_before_to", "must be before `to`");
            return None;
        }
        if to - from > LONGEST {
            invalid.push("/from", "range_too_long", "must be at most 5 years before `to`");
            return None;
        }
        let max_points = self.max_points.map_or(USUAL_POINTS, |points| points as usize);
        if !(10..=50_000).contains(&max_points) {
            invalid.push("/max_points", "out_of_range", "must be between 10 and 50000");
        }
        let resolution = match self.resolution {
            Some(resolution) => told(kind, resolution, to - from, invalid)?,
            None => chosen(kind, to - from, max_points),
        };
        Some(Window { from, to, resolution, max_points })
    }
}

fn told(kind: Kind, resolution: Resolution, span: TimeDelta, invalid: &mut Invalid) -> Option<Resolution> {
    if !kind.resolutions().contains(&resolution) {
        let names: Vec<&str> = kind.resolutions().iter().map(|resolution| resolution.name()).collect();
        let detail = format!("must be auto, {} for {}", names.join(", "), kind.name());
        invalid.push("/resolution", "unknown_value", detail);
        return None;
    }
    if resolution == Resolution::Minute && span > LONGEST_BY_MINUTE {
        invalid.push("/resolution", "range_too_long", "minutes are kept to a day: ask for 15m or coarser");
        return None;
    }
    if kind.has_bars() && count(span, resolution) > MOST_BARS {
        invalid.push(
            "/resolution",
            "too_many",
            format!("makes more than {MOST_BARS} bars: ask for a coarser one"),
        );
        return None;
    }
    Some(resolution)
}

/// The finest that can be seen.
fn chosen(kind: Kind, span: TimeDelta, max_points: usize) -> Resolution {
    let most = if kind.has_bars() { USUAL_BARS } else { i64::try_from(max_points).unwrap_or(i64::MAX) };
    let fits = |resolution: &&Resolution| match resolution {
        Resolution::Minute => span <= MINUTES_UNTIL && count(span, **resolution) <= most,
        _ => count(span, **resolution) <= most,
    };
    kind.resolutions().iter().find(fits).copied().unwrap_or(Resolution::Day)
}

fn count(span: TimeDelta, resolution: Resolution) -> i64 {
    span.num_seconds() / resolution.length().num_seconds()
}
