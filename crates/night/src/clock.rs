//! Instants of a depot's clock.

use chrono::{NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use kernel::Timestamp;

/// Where the depot is.
pub(crate) const ZONE: Tz = chrono_tz::Europe::Berlin;
pub(crate) const ZONE_NAME: &str = "Europe/Berlin";
/// The length of a slot of the plan, and of what a peak is measured over.
pub(crate) const SLOT: TimeDelta = TimeDelta::minutes(15);

/// The instant at which the clock on the wall shows a time; the first of two, and never one that the
/// clock skips.
pub(crate) fn at(date: NaiveDate, hour: u32, minute: u32) -> Timestamp {
    let time = NaiveTime::from_hms_opt(hour % 24, minute % 60, 0).unwrap_or_default();
    let local = date.and_time(time) + TimeDelta::days((hour / 24).into());
    ZONE.from_local_datetime(&local).earliest().map_or_else(|| local.and_utc(), |at| at.with_timezone(&Utc))
}

/// The depot's calendar at an instant.
pub(crate) fn date(at: Timestamp) -> NaiveDate {
    at.with_timezone(&ZONE).date_naive()
}
