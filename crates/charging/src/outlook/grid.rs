//! The slots of a plan: quarters of an hour by the clock, from the one that runs.

use chrono::{Days, NaiveTime, TimeDelta, TimeZone as _};
use depot::TimeZone;
use kernel::{Timestamp, W};
use transaction::{QUARTER, quarter_of};

/// The length of a slot. All zones of today change their clocks by whole slots, so a day of 23 or 25
/// hours has fewer or more of them, and prices and limits by the wall clock come right by themselves.
pub const SLOT_MINUTES: u16 = 15;
const SLOT_SECONDS: i64 = 60 * SLOT_MINUTES as i64;
/// How far a plan looks at least.
const SHORTEST: TimeDelta = TimeDelta::hours(24);
/// And where the depot's noon cannot be told.
const LONGEST: TimeDelta = TimeDelta::hours(36);

/// The time planned for. The first slot has begun already: of it, only what is left can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    pub now: Timestamp,
    pub starts_at: Timestamp,
    pub slots: usize,
}

impl Grid {
    /// Slots for 24 hours, and until noon of the next day by the depot's clock, so that each evening
    /// sees the departures of the whole next morning: 24 to 36 hours.
    pub fn new(now: Timestamp, zone: TimeZone) -> Self {
        let starts_at = quarter_of(now);
        let ends_at = next_noon(now, zone).unwrap_or(now + LONGEST).max(now + SHORTEST);
        let seconds = (ends_at - starts_at).num_seconds();
        let slots = usize::try_from((seconds + SLOT_SECONDS - 1).div_euclid(SLOT_SECONDS)).unwrap_or(1);
        Self { now, starts_at, slots }
    }

    /// The beginning of a slot.
    pub fn at(&self, slot: usize) -> Timestamp {
        self.starts_at + QUARTER * i32::try_from(slot).unwrap_or(i32::MAX)
    }

    pub fn ends_at(&self) -> Timestamp {
        self.at(self.slots)
    }

    /// How many seconds of a slot lie between two instants, and not behind us.
    pub fn seconds(&self, slot: usize, from: Timestamp, to: Timestamp) -> i64 {
        let (begin, end) = (self.at(slot).max(self.now).max(from), self.at(slot + 1).min(to));
        (end - begin).num_seconds().clamp(0, SLOT_SECONDS)
    }

    /// The mean of a slot in which a power flows for some seconds; rounded down.
    pub fn mean(power: W, seconds: i64) -> W {
        W(power.get().saturating_mul(seconds) / SLOT_SECONDS)
    }

    /// The slots that two instants touch: the first, and the one after the last. `None` where no
    /// second of them is ahead within the horizon.
    pub fn touched(&self, from: Timestamp, to: Timestamp) -> Option<(usize, usize)> {
        let (from, to) = (from.max(self.now), to.min(self.ends_at()));
        if to - from < TimeDelta::seconds(1) {
            return None;
        }
        let slot = |seconds: i64| usize::try_from(seconds).ok();
        let first = slot((from - self.starts_at).num_seconds().div_euclid(SLOT_SECONDS))?;
        let last = (to - self.starts_at).num_milliseconds() + 1_000 * SLOT_SECONDS - 1;
        let last = slot(last.div_euclid(1_000 * SLOT_SECONDS))?;
        (first < last).then_some((first, last))
    }
}

/// Noon of the day after this one, by the depot's clock.
fn next_noon(now: Timestamp, zone: TimeZone) -> Option<Timestamp> {
    let tomorrow = now.with_timezone(&zone.tz()).date_naive().checked_add_days(Days::new(1))?;
    let noon = tomorrow.and_time(NaiveTime::from_hms_opt(12, 0, 0)?);
    Some(zone.tz().from_local_datetime(&noon).earliest()?.to_utc())
}
