//! What others will draw: as measured now, then as it was at this time of such days.

use std::collections::BTreeMap;

use chrono::{TimeDelta, Weekday};
use depot::{CircuitNode, LoadState, TimeZone, Topology};
use kernel::{CircuitId, Timestamp, W};

use super::grid::{Grid, SLOT_MINUTES};

/// How far back loads are looked at: as far as they are kept.
pub const LOOKS_BACK: TimeDelta = LoadState::HISTORY;
/// Slots over which the measured load gives way to the usual one: two hours.
const FADES_OVER: i64 = 8;
/// Days that must agree before they are called usual.
const FEWEST_DAYS: i64 = 2;

/// The mean of what others drew at a circuit, in one quarter of an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoadQuarter {
    pub circuit: CircuitId,
    /// Its beginning.
    pub at: Timestamp,
    pub mean: W,
}

/// Days that resemble each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum DayKind {
    Workday,
    Saturday,
    Sunday,
}

impl From<Weekday> for DayKind {
    fn from(day: Weekday) -> Self {
        match day {
            Weekday::Sat => Self::Saturday,
            Weekday::Sun => Self::Sunday,
            _ => Self::Workday,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Mean {
    sum: i64,
    days: i64,
}

impl Mean {
    fn add(&mut self, power: W) {
        self.sum = self.sum.saturating_add(power.get());
        self.days += 1;
    }

    fn usual(self) -> Option<W> {
        (self.days >= FEWEST_DAYS).then(|| W(self.sum / self.days))
    }
}

/// The usual load of each circuit, by the kind of day and the quarter of the hour on the wall.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadProfile {
    of_kind: BTreeMap<(CircuitId, DayKind, u16), Mean>,
    of_any: BTreeMap<(CircuitId, u16), Mean>,
}

impl LoadProfile {
    pub fn learn(quarters: &[LoadQuarter], zone: TimeZone) -> Self {
        let mut profile = Self::default();
        for quarter in quarters {
            let (kind, time) = when(zone, quarter.at);
            profile.of_kind.entry((quarter.circuit, kind, time)).or_default().add(quarter.mean);
            profile.of_any.entry((quarter.circuit, time)).or_default().add(quarter.mean);
        }
        profile
    }

    /// What is usual at an instant: of such days; where they are too few, of all days. `None` where
    /// these are too few as well.
    pub fn usual(&self, circuit: CircuitId, zone: TimeZone, at: Timestamp) -> Option<W> {
        let (kind, time) = when(zone, at);
        let alike = self.of_kind.get(&(circuit, kind, time)).copied().and_then(Mean::usual);
        alike.or_else(|| self.of_any.get(&(circuit, time)).copied().and_then(Mean::usual))
    }
}

fn when(zone: TimeZone, at: Timestamp) -> (DayKind, u16) {
    let (day, time) = zone.wall_clock(at);
    (day.into(), time.minutes() / SLOT_MINUTES)
}

/// The load of others on this very circuit, by slot. Where none was ever measured, as configured. Else
/// what has to be reckoned with now, fading within two hours into what is usual; as configured where
/// nothing is.
pub fn load_forecast(topology: &Topology, node: &CircuitNode, profile: &LoadProfile, grid: &Grid) -> Vec<W> {
    let configured = node.circuit.unmanaged_load;
    let id = node.circuit.id;
    if topology.loads.get(&id).is_none_or(|state| state.latest.is_none()) {
        return vec![configured.at_least_zero(); grid.slots];
    }
    let now = topology.unmanaged_load(node, grid.now);
    let blend = |slot: usize| {
        let usual = profile.usual(id, topology.depot.time_zone, grid.at(slot)).unwrap_or(configured);
        let fresh = (FADES_OVER - i64::try_from(slot).unwrap_or(FADES_OVER)).max(0);
        let blended = i128::from(now.get()) * i128::from(fresh)
            + i128::from(usual.get()) * i128::from(FADES_OVER - fresh);
        W(i64::try_from(blended / i128::from(FADES_OVER)).unwrap_or(i64::MAX)).at_least_zero()
    };
    (0..grid.slots).map(blend).collect()
}
