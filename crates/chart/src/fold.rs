//! Sums by quarter of an hour, folded into buckets.
//!
//! A charger without a session says nothing and draws nothing. So a quarter in which nobody was read is a
//! zero where no session was open, and a gap where one was.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DurationRound, TimeDelta};
use kernel::{ChargePointId, CircuitId, Timestamp, W, Wh};

use crate::{
    grid::Grid,
    model::Point,
    port::{LoadOfOthers, MinuteMean, Open, Planned, QuarterSum},
};

pub const QUARTER: TimeDelta = TimeDelta::minutes(15);

/// For how long a single reading of power is believed.
pub const BELIEVED: TimeDelta = TimeDelta::minutes(5);

pub fn quarter_of(at: Timestamp) -> Timestamp {
    // Fails for years that no clock tells.
    at.duration_trunc(QUARTER).unwrap_or(at)
}

/// What is known of the past of a meter.
pub struct Past<'a> {
    pub sums: &'a [QuarterSum],
    pub open: &'a [Open],
    /// Before that it was not there, unless it was read.
    pub since: Timestamp,
    /// What begins then or later is not over.
    pub until: Timestamp,
}

impl Past<'_> {
    /// Every quarter of a grid that is over, with what is known of it.
    pub fn quarters(&self, grid: &Grid) -> Vec<(Timestamp, Option<QuarterSum>)> {
        let mut sums = self.sums.iter().peekable();
        let mut idle = Idle::new(self.open);
        let mut quarters = Vec::new();
        let mut at = grid.from();
        while at < grid.to().min(self.until) {
            while sums.next_if(|sum| sum.at < at).is_some() {}
            let read = sums.next_if(|sum| sum.at == at).copied();
            let known = read.or_else(|| {
                let nothing = QuarterSum { at, energy: Wh::ZERO, charging: 0 };
                (at >= self.since && idle.is_idle(at, at + QUARTER)).then_some(nothing)
            });
            quarters.push((at, known));
            at += QUARTER;
        }
        quarters
    }
}

/// Walks along the times in which sessions were open.
struct Idle<'a> {
    open: &'a [Open],
}

impl<'a> Idle<'a> {
    fn new(open: &'a [Open]) -> Self {
        Self { open }
    }

    /// Whether no session was open; asked of one time after the other.
    fn is_idle(&mut self, from: Timestamp, to: Timestamp) -> bool {
        while let Some((first, rest)) = self.open.split_first()
            && first.to.is_some_and(|end| end <= from)
        {
            self.open = rest;
        }
        self.open.first().is_none_or(|open| open.from >= to)
    }
}

/// The mean power of a quarter.
pub fn power(energy: Wh) -> W {
    W(energy.get().saturating_mul(4))
}

/// One value for each bucket, from all that begins in it. `items` are in the order of time and do not
/// begin before the grid.
pub fn fold<T>(
    grid: &Grid,
    items: &[(Timestamp, T)],
    value: impl Fn(&[(Timestamp, T)]) -> Option<f64>,
) -> Vec<Point> {
    let mut rest = items;
    let point = |(from, to): (Timestamp, Timestamp)| {
        let (here, after) = rest.split_at(rest.partition_point(|(at, _)| *at < to));
        rest = after;
        Point { at: from, value: value(here) }
    };
    grid.buckets().map(point).collect()
}

/// The mean of what is known, in kilowatts.
pub fn mean(powers: &[(Timestamp, Option<W>)]) -> Option<f64> {
    let known = powers.iter().filter_map(|(_, power)| *power);
    let (sum, count) = known.fold((W::ZERO, 0_u32), |(sum, count), power| (sum + power, count + 1));
    (count > 0).then(|| sum.to_kilo() / f64::from(count))
}

/// The most of what is known, in kilowatts.
pub fn peak(powers: &[(Timestamp, Option<W>)]) -> Option<f64> {
    powers.iter().filter_map(|(_, power)| *power).max().map(W::to_kilo)
}

/// What chargers and others drew together, where both are known. `None` where nobody measured others.
pub fn with_others(
    powers: &[(Timestamp, Option<W>)],
    others: &[LoadOfOthers],
    circuits: &BTreeSet<CircuitId>,
) -> Option<Vec<(Timestamp, Option<W>)>> {
    let mut metered = BTreeSet::new();
    let mut by_quarter: BTreeMap<Timestamp, (usize, W)> = BTreeMap::new();
    for load in others.iter().filter(|load| circuits.contains(&load.circuit)) {
        metered.insert(load.circuit);
        let (meters, sum) = by_quarter.entry(load.at).or_default();
        *meters += 1;
        *sum += load.mean;
    }
    let all = metered.len();
    let whole = |at: &Timestamp| by_quarter.get(at).filter(|(meters, _)| *meters == all).map(|(_, sum)| *sum);
    (all > 0)
        .then(|| powers.iter().map(|(at, power)| (*at, power.zip(whole(at)).map(|(a, b)| a + b))).collect())
}

/// What was planned, by bucket: the mean where a bucket is longer than a quarter.
pub fn plan(grid: &Grid, planned: &[Planned]) -> Vec<Point> {
    let by_quarter: BTreeMap<Timestamp, W> = planned.iter().map(|slot| (slot.at, slot.power)).collect();
    let value = |from: Timestamp, to: Timestamp| {
        let slots: Vec<_> =
            by_quarter.range(quarter_of(from)..to).map(|(at, power)| (*at, Some(*power))).collect();
        mean(&slots)
    };
    grid.buckets().map(|(from, to)| Point { at: from, value: value(from, to) }).collect()
}

/// What connectors drew together in each minute of a grid: each as it was last read, for as long as that
/// is believed. `means` may begin before the grid.
pub fn minutes(grid: &Grid, means: &[MinuteMean], past: &Past<'_>) -> Vec<Point> {
    let mut connectors: BTreeMap<(ChargePointId, u16), Vec<&MinuteMean>> = BTreeMap::new();
    for mean in means {
        connectors.entry((mean.charge_point, mean.connector)).or_default().push(mean);
    }
    let mut sums: Vec<Option<W>> = vec![None; grid.len()];
    for read in connectors.values() {
        for (n, mean) in read.iter().enumerate() {
            let until = read.get(n + 1).map_or(mean.at + BELIEVED, |next| next.at.min(mean.at + BELIEVED));
            let mut at = mean.at.max(grid.from());
            while at < until {
                if let Some(sum) = grid.bucket_of(at).and_then(|bucket| sums.get_mut(bucket)) {
                    *sum = Some(sum.unwrap_or_default() + mean.power);
                }
                at += TimeDelta::minutes(1);
            }
        }
    }
    let mut idle = Idle::new(past.open);
    let point = |((from, to), sum): ((Timestamp, Timestamp), Option<W>)| {
        let is_over = to <= past.until;
        let zero = from >= past.since && idle.is_idle(from, to);
        let known = sum.or(zero.then_some(W::ZERO)).filter(|_| is_over);
        Point { at: from, value: known.map(W::to_kilo) }
    };
    grid.buckets().zip(sums).map(point).collect()
}
