//! Where buckets begin and end, by the clock of a depot.

use chrono::{DateTime, Days, DurationRound, NaiveTime, TimeDelta, Timelike, Utc};
use depot::TimeZone;
use kernel::Timestamp;

use crate::kind::Resolution;

/// Buckets in a row: bucket `n` begins at edge `n` and ends at edge `n + 1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    edges: Vec<Timestamp>,
}

impl Grid {
    /// The buckets that a time touches: the first begins at or before `from`, the last ends at or after
    /// `to`. Hours and days are those of the clock on the wall: a day on which it is changed is an hour
    /// shorter or longer, and an hour that it repeats is two buckets.
    pub fn new(from: Timestamp, to: Timestamp, resolution: Resolution, zone: TimeZone) -> Self {
        let mut at = first(from, resolution, zone);
        let mut edges = vec![at];
        while at < to {
            at = next(at, resolution, zone);
            edges.push(at);
        }
        Self { edges }
    }

    pub fn from(&self) -> Timestamp {
        self.edges.first().copied().unwrap_or(DateTime::<Utc>::UNIX_EPOCH)
    }

    pub fn to(&self) -> Timestamp {
        self.edges.last().copied().unwrap_or(DateTime::<Utc>::UNIX_EPOCH)
    }

    /// Beginning and end of every bucket.
    pub fn buckets(&self) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        self.edges.windows(2).map(|pair| (pair[0], pair[1]))
    }

    pub fn len(&self) -> usize {
        self.edges.len().saturating_sub(1)
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bucket that an instant lies in.
    pub fn bucket_of(&self, at: Timestamp) -> Option<usize> {
        let after = self.edges.partition_point(|edge| *edge <= at);
        after.checked_sub(1).filter(|bucket| *bucket < self.len())
    }
}

fn first(from: Timestamp, resolution: Resolution, zone: TimeZone) -> Timestamp {
    let local = from.with_timezone(&zone.tz());
    match resolution {
        // Fails for years that no clock tells.
        Resolution::Minute | Resolution::Quarter => from.duration_trunc(resolution.length()).unwrap_or(from),
        Resolution::Hour => {
            let past = TimeDelta::minutes(local.minute().into()) + TimeDelta::seconds(local.second().into());
            let whole = from.duration_trunc(TimeDelta::seconds(1)).unwrap_or(from);
            whole - past
        }
        Resolution::Day => zone.instant(local.date_naive().and_time(NaiveTime::MIN)),
    }
}

fn next(at: Timestamp, resolution: Resolution, zone: TimeZone) -> Timestamp {
    let usual = at + resolution.length();
    match resolution {
        Resolution::Minute | Resolution::Quarter => usual,
        // Where a change moves the clock by half an hour, the hour before it is longer.
        Resolution::Hour => match usual.with_timezone(&zone.tz()).minute() {
            0 => usual,
            past => usual + TimeDelta::minutes(i64::from(60 - past)),
        },
        Resolution::Day => {
            let today = at.with_timezone(&zone.tz()).date_naive();
            let tomorrow = today.checked_add_days(Days::new(1)).unwrap_or(today);
            let midnight = zone.instant(tomorrow.and_time(NaiveTime::MIN));
            // A zone may skip a whole day.
            if midnight > at { midnight } else { usual }
        }
    }
}
