//! The highest power of the month so far, which a demand charge is reckoned from.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveTime, TimeZone as _};
use depot::{TimeZone, Topology};
use kernel::{CircuitId, Timestamp, W, Wh};
use transaction::quarter_of;

use super::forecast::LoadQuarter;

/// When the month began by the depot's clock.
pub fn month_begin(now: Timestamp, zone: TimeZone) -> Timestamp {
    let today = now.with_timezone(&zone.tz()).date_naive();
    let first = today.with_day(1).unwrap_or(today).and_time(NaiveTime::MIN);
    // Where a clock change skips that midnight, the first instant after it is a few quarters later.
    zone.tz().from_local_datetime(&first).earliest().map_or(now, |begin| begin.to_utc())
}

/// The site's highest mean of a quarter of an hour, of those that ended since the month began: what
/// chargers drew, and what others did. A circuit that was not measured then counts as configured.
pub fn month_peak(
    topology: &Topology,
    charged: &[(Timestamp, Wh)],
    loads: &[LoadQuarter],
    now: Timestamp,
) -> W {
    let (begin, running) = (month_begin(now, topology.depot.time_zone), quarter_of(now));
    let mut quarters: BTreeMap<Timestamp, (W, BTreeMap<CircuitId, W>)> = BTreeMap::new();
    let ended = |at: &Timestamp| begin <= *at && *at < running;
    for (at, energy) in charged.iter().filter(|(at, _)| ended(at)) {
        quarters.entry(*at).or_default().0 += W(energy.get().saturating_mul(4));
    }
    for load in loads.iter().filter(|load| ended(&load.at)) {
        quarters.entry(load.at).or_default().1.insert(load.circuit, load.mean);
    }
    let site = |(charged, measured): (W, BTreeMap<CircuitId, W>)| {
        let others = topology.circuits.iter().map(|node| {
            measured.get(&node.circuit.id).copied().unwrap_or(node.circuit.unmanaged_load).at_least_zero()
        });
        charged + others.sum()
    };
    quarters.into_values().map(site).max().unwrap_or(W::ZERO).at_least_zero()
}
