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
    /// By the differences of the register from reading to reading. What rose across the end of a
    /// quarter is shared by time; after a silence of more than a quarter nobody knows when it rose, and
    /// it is counted where the later reading is. A register that falls was reset, and counts from there.
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
/// them that has a register. Its own quarter is not among those returned. The last of them is whole
/// where the readings go on until a quarter after it.
pub fn quarters(before: Option<&Reading>, readings: &[Reading]) -> BTreeMap<Timestamp, QuarterSums> {
    let mut register = before.and_then(Register::of);
    let mut earlier = before.map(|reading| reading.at);
    let mut found: BTreeMap<Timestamp, Adding> = BTreeMap::new();
    for reading in readings {
        let quarter = quarter_of(reading.at);
        if let Some(now) = Register::of(reading) {
            let (there, here) = register.map_or((Wh::ZERO, Wh::ZERO), |register| register.rise(now));
            let quarter_before = register.and_then(|register| found.get_mut(&quarter_of(register.at)));
            if let Some(adding) = quarter_before {
                adding.rose(there);
            }
            found.entry(quarter).or_default().rose(here);
            register = Some(now);
        }
        let adding = found.entry(quarter).or_default();
        adding.sums.readings += 1;
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

/// What a register said, and when.
#[derive(Clone, Copy)]
struct Register {
    at: Timestamp,
    energy: Wh,
}

impl Register {
    fn of(reading: &Reading) -> Option<Self> {
        reading.energy.map(|energy| Self { at: reading.at, energy })
    }

    /// How much it rose until it said `later`: in the quarter it was read in, and in that of the later
    /// reading, where these are two.
    fn rise(self, later: Self) -> (Wh, Wh) {
        let rise = later.energy.get().saturating_sub(self.energy.get()).max(0);
        let (edge, time) = (quarter_of(later.at), later.at - self.at);
        if self.at >= edge || time > QUARTER {
            return (Wh::ZERO, Wh(rise));
        }
        let part = (edge - self.at).num_milliseconds();
        let there = i128::from(rise) * i128::from(part) / i128::from(time.num_milliseconds().max(1));
        // Never more than the whole.
        let there = i64::try_from(there).unwrap_or(rise).min(rise);
        (Wh(there), Wh(rise - there))
    }
}

#[derive(Default)]
struct Adding {
    sums: QuarterSums,
    weight: i128,
    weighted: i128,
}

impl Adding {
    fn rose(&mut self, energy: Wh) {
        self.sums.energy = Wh(self.sums.energy.get().saturating_add(energy.get()));
    }

    fn done(mut self) -> QuarterSums {
        let mean = (self.weight > 0).then(|| self.weighted / self.weight);
        self.sums.mean_power = mean.and_then(|mean| i64::try_from(mean).ok()).map(W);
        self.sums
    }
}
