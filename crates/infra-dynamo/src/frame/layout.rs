//! Keys: which partition a frame is in, and its place there.

use chrono::{DateTime, DurationRound, TimeDelta};
use kernel::{ChargePointId, Cursor, FrameId, OrganisationId, Timestamp};
use uuid::Uuid;

/// Partitions of an organisation's hour. One partition takes about a thousand frames a second.
/// It may grow: frames written before are in the first ones.
pub(crate) const SHARDS: u8 = 8;

/// A range of time that some partitions hold alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bucket {
    pub(crate) begins: Timestamp,
    length: TimeDelta,
}

impl Bucket {
    /// The day of a charger's log.
    pub(crate) fn day(at: Timestamp) -> Self {
        Self::of(at, TimeDelta::days(1))
    }

    /// The hour of an organisation's log.
    pub(crate) fn hour(at: Timestamp) -> Self {
        Self::of(at, TimeDelta::hours(1))
    }

    fn of(at: Timestamp, length: TimeDelta) -> Self {
        // Cannot fail in the centuries that timestamps of ours are from.
        Self { begins: at.duration_trunc(length).unwrap_or(at), length }
    }

    /// The one before.
    pub(crate) fn before(self) -> Self {
        Self { begins: self.begins - self.length, ..self }
    }
}

/// A charger's day.
pub(crate) fn log(organisation: OrganisationId, charge_point: ChargePointId, day: Bucket) -> String {
    let (organisation, charge_point) = (Uuid::from(organisation), Uuid::from(charge_point));
    format!("{}#{}#{}", organisation.simple(), charge_point.simple(), day.begins.format("%Y%m%d"))
}

/// A part of an organisation's hour.
pub(crate) fn hour(organisation: OrganisationId, hour: Bucket, shard: u8) -> String {
    format!("{}#{}#{shard}", Uuid::from(organisation).simple(), hour.begins.format("%Y%m%d%H"))
}

/// Which part of its hour a frame is in: by its id, so that also one talkative charger is spread.
pub(crate) fn shard(id: FrameId) -> u8 {
    Uuid::from(id).as_bytes()[15] % SHARDS
}

/// Where a frame is in its partition: by time, then by id.
pub(crate) fn place(at: Timestamp, id: FrameId) -> String {
    format!("{}#{}", instant(at), Uuid::from(id).simple())
}

/// Before every place of that instant, and behind all earlier ones.
pub(crate) fn instant(at: Timestamp) -> String {
    format!("{:020}", at.timestamp_micros().max(0))
}

/// The cursor that continues behind a place.
pub(crate) fn cursor(place: &str) -> Option<Cursor> {
    let (at, id) = place.split_once('#')?;
    let at = DateTime::from_timestamp_micros(at.parse().ok()?)?;
    Some(Cursor::at(at, Uuid::parse_str(id).ok()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(micros: i64) -> Timestamp {
        DateTime::from_timestamp_micros(micros).unwrap()
    }

    /// The year 2100, in microseconds.
    const FAR: i64 = 4_102_444_800_000_000;

    proptest! {
        #[test]
        fn places_sort_as_frames_do(a in 0..FAR, b in 0..FAR, m: u128, n: u128) {
            let (m, n) = (Uuid::from_u128(m), Uuid::from_u128(n));
            let (one, two) = (place(at(a), m.into()), place(at(b), n.into()));
            prop_assert_eq!(one.cmp(&two), (a, m).cmp(&(b, n)));
            prop_assert!(instant(at(a)) < one && (a >= b || one < instant(at(b))));
            prop_assert_eq!(cursor(&one), Some(Cursor::at(at(a), m)));
        }

        #[test]
        fn a_frame_is_in_its_bucket_and_no_earlier_one(a in 0..FAR) {
            for bucket in [Bucket::day(at(a)), Bucket::hour(at(a))] {
                prop_assert!(bucket.begins <= at(a) && at(a) - bucket.begins < bucket.length);
                prop_assert_eq!(bucket.before().begins + bucket.length, bucket.begins);
            }
        }
    }
}
