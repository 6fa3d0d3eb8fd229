//! Readings summed up by quarter of an hour, for charts and reports.

use std::collections::BTreeMap;

use chrono::{DurationRound, TimeDelta};
use kernel::{ChargePointId, DepotId, OrganisationId, Soc, Timestamp, W, Wh};

use super::Reading;

/// The length of a quarter.
pub const QUARTER: TimeDelta = TimeDelta::minutes(15);

/// What a connector did within a quarter of an hour, UTC.
#[derive(Clone, Debug, PartialEq)]
pub struct Quarter {
    pub organisation: OrganisationId,
    pub depot: DepotId,
    pub charge_point: ChargePointId,
    pub connector: u16,
    /// Its beginning.
    pub at: Timestamp,
    pub sums: QuarterSums,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct QuarterSums {
    /// By the differences of the register from reading to reading, each counted where the later
    /// one is. A register that falls was reset, and counts from there.
    pub energy: Wh,
    pub max_power: Option<W>,
    /// Each reading weighted with the time since the one before, at most a quarter.
    pub mean_power: Option<W>,
    pub soc_last: Option<Soc>,
    pub readings: u32,
}

/// The beginning of the quarter that an instant lies in.
pub fn quarter_of(at: Timestamp) -> Timestamp {
    // Fails for years that no clock tells.
    at.duration_trunc(QUARTER).unwrap_or(at)
}

/// Sums up the readings of one connector, in the order of time; `before` is the last one before
/// them that has a register.
pub fn quarters(before: Option<&Reading>, readings: &[Reading]) -> BTreeMap<Timestamp, QuarterSums> {
    let mut register = before.and_then(|reading| reading.energy);
    let mut earlier = before.map(|reading| reading.at);
    let mut found: BTreeMap<Timestamp, Adding> = BTreeMap::new();
    for reading in readings {
        let adding = found.entry(quarter_of(reading.at)).or_default();
        adding.sums.readings += 1;
        if let Some(now) = reading.energy {
            let rise = register.map_or(0, |register| (now.get() - register.get()).max(0));
            adding.sums.energy = Wh(adding.sums.energy.get().saturating_add(rise));
            register = Some(now);
        }
        if let Some(power) = reading.power {
            adding.sums.max_power = adding.sums.max_power.max(Some(power));
            let since = earlier.map_or(TimeDelta::zero(), |earlier| reading.at - earlier);
            let milliseconds = since.clamp(TimeDelta::milliseconds(1), QUARTER).num_milliseconds();
            adding.weight += i128::from(milliseconds);
            adding.weighted += i128::from(power.get()) * i128::from(milliseconds);
        }
        adding.sums.soc_last = reading.soc.or(adding.sums.soc_last);
        earlier = Some(reading.at);
    }
    found.into_iter().map(|(at, adding)| (at, adding.done())).collect()
}

#[derive(Default)]
struct Adding {
    sums: QuarterSums,
    weight: i128,
    weighted: i128,
}

impl Adding {
    fn done(mut self) -> QuarterSums {
        let mean = (self.weight > 0).then(|| self.weighted / self.weight);
        self.sums.mean_power = mean.and_then(|mean| i64::try_from(mean).ok()).map(W);
        self.sums
    }
}
