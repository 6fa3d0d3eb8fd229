//! The depot itself: where it is, what time it keeps, how it charges.

use std::{fmt, str::FromStr};

use chrono::{
    DateTime, Datelike, LocalResult, NaiveDateTime, Offset, TimeDelta, TimeZone as _, Timelike, Utc, Weekday,
};
use chrono_tz::Tz;
use kernel::{DepotId, OrganisationId, TimeOfDay, Timestamp, Version};
use serde::{Deserialize, Serialize};

/// A place where vehicles are parked, charged and dispatched.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Depot {
    pub id: DepotId,
    pub organisation: OrganisationId,
    pub version: Version,
    /// The operator's own short name, unique within the organisation.
    pub code: String,
    pub name: String,
    /// Weekly limits, tariffs and service days follow this zone's clock.
    pub time_zone: TimeZone,
    pub address: Option<String>,
    pub location: Option<GeoPoint>,
    pub charging_strategy: ChargingStrategy,
    /// Whether vehicles that have what their plan says take what nobody else wants. Without it a plan
    /// that saves money stays as it is.
    pub use_spare_room: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A time zone of the IANA database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimeZone(Tz);

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such time zone in the IANA database")]
pub struct UnknownTimeZone;

impl TimeZone {
    pub const UTC: Self = Self(Tz::UTC);

    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// The zone itself, for whoever computes with local times.
    pub fn tz(self) -> Tz {
        self.0
    }

    /// What calendar and clock on the wall show at an instant. Every instant has exactly one such
    /// reading, so a local time that a clock change skips never comes and one that it repeats
    /// comes twice.
    pub fn wall_clock(self, at: Timestamp) -> (Weekday, TimeOfDay) {
        let local = at.with_timezone(&self.0);
        (local.weekday(), TimeOfDay::at(local.hour(), local.minute()))
    }

    /// The instant at which calendar and clock on the wall show `local`. One that a clock change
    /// repeats is the first of the two; one that it skips is moved forward by what was skipped.
    pub fn instant(self, local: NaiveDateTime) -> Timestamp {
        match self.0.from_local_datetime(&local) {
            LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.to_utc(),
            LocalResult::None => {
                // As if the clock had not been changed: by the offset that held before. The longest
                // that any zone has skipped is a day.
                let before = (1..=48).find_map(|hours| {
                    self.0.from_local_datetime(&(local - TimeDelta::hours(hours))).earliest()
                });
                let offset = before.map_or(TimeDelta::zero(), |before| {
                    TimeDelta::seconds(before.offset().fix().local_minus_utc().into())
                });
                DateTime::<Utc>::from_naive_utc_and_offset(local - offset, Utc)
            }
        }
    }
}

impl FromStr for TimeZone {
    type Err = UnknownTimeZone;

    fn from_str(name: &str) -> Result<Self, UnknownTimeZone> {
        name.parse().map(Self).map_err(|_| UnknownTimeZone)
    }
}

impl fmt::Display for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for TimeZone {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// A point on the globe in degrees (WGS 84).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct GeoPoint {
    latitude: f64,
    longitude: f64,
}

impl GeoPoint {
    /// `None` outside −90 to 90 and −180 to 180.
    pub fn new(latitude: f64, longitude: f64) -> Option<Self> {
        let on_the_globe = (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude);
        on_the_globe.then_some(Self { latitude, longitude })
    }

    pub fn latitude(self) -> f64 {
        self.latitude
    }

    pub fn longitude(self) -> f64 {
        self.longitude
    }
}

/// How the room that the circuits leave is shared among those who want to charge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChargingStrategy {
    /// No setpoints are sent; limits are watched only.
    Uncontrolled,
    /// Everybody alike.
    EqualShare,
    /// The more important first.
    #[default]
    Priority,
    /// The plan first, spare room on top of it.
    Scheduled,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_zones_of_the_database_are_known() {
        assert_eq!("Europe/Berlin".parse::<TimeZone>().unwrap().name(), "Europe/Berlin");
        for unknown in ["", "CEST", "Europe/Atlantis", "+02:00", "europe/berlin "] {
            assert!(unknown.parse::<TimeZone>().is_err(), "{unknown}");
        }
    }

    #[test]
    fn a_local_time_that_is_skipped_moves_on_and_one_that_is_repeated_is_the_first() {
        let zone: TimeZone = "Europe/Berlin".parse().unwrap();
        for (local, instant) in [
            ("2026-03-29T01:59:00", "2026-03-29T00:59:00Z"),
            ("2026-03-29T02:00:00", "2026-03-29T01:00:00Z"),
            ("2026-03-29T02:30:00", "2026-03-29T01:30:00Z"),
            ("2026-03-29T03:00:00", "2026-03-29T01:00:00Z"),
            ("2026-10-25T01:59:00", "2026-10-24T23:59:00Z"),
            ("2026-10-25T02:30:00", "2026-10-25T00:30:00Z"),
            ("2026-10-25T03:00:00", "2026-10-25T02:00:00Z"),
        ] {
            assert_eq!(
                zone.instant(local.parse().unwrap()),
                instant.parse::<Timestamp>().unwrap(),
                "{local}"
            );
        }
        // The day on which Samoa crossed the date line does not exist there.
        let samoa: TimeZone = "Pacific/Apia".parse().unwrap();
        let skipped = samoa.instant("2011-12-30T12:00:00".parse().unwrap());
        assert_eq!(skipped, "2011-12-30T22:00:00Z".parse::<Timestamp>().unwrap());
    }

    #[test]
    fn a_point_lies_on_the_globe() {
        assert!(GeoPoint::new(-90.0, 180.0).is_some());
        for (latitude, longitude) in [(90.1, 0.0), (0.0, -180.1), (f64::NAN, 0.0)] {
            assert!(GeoPoint::new(latitude, longitude).is_none());
        }
    }
}
