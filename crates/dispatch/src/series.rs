//! Runs that recur: by the calendar and the clock of their depot.

use std::collections::BTreeSet;

use chrono::{Datelike, Days, NaiveDate, NaiveTime, TimeDelta};
use depot::TimeZone;
use kernel::{DepotId, OrganisationId, RunSeriesId, TimeOfDay, Timestamp, Version, Weekdays};
use serde::{Deserialize, Serialize};

use crate::model::Duty;

/// A duty that recurs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunSeries {
    pub id: RunSeriesId,
    pub organisation: OrganisationId,
    pub version: Version,
    pub depot: DepotId,
    /// The block of all its runs.
    pub block: String,
    pub recurrence: Recurrence,
    pub duty: Duty,
    /// Up to this day, inclusive, its runs have been made. Kept beside the version.
    pub made_until: Option<NaiveDate>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// On which days, and from when to when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recurrence {
    pub weekdays: Weekdays,
    pub departure: TimeOfDay,
    pub length: Length,
    /// The first day that counts.
    pub from: NaiveDate,
    /// The last day that counts.
    pub until: Option<NaiveDate>,
    /// Days without a run all the same.
    #[serde(default)]
    pub except: BTreeSet<NaiveDate>,
}

/// When a recurring run is back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Length {
    /// After so many minutes, whatever the clocks do meanwhile.
    Minutes(u32),
    /// When the clock shows this time; on the next day where it is not after the departure.
    Until(TimeOfDay),
}

impl Recurrence {
    /// The most days that may be excepted.
    pub const MOST_EXCEPTIONS: usize = 1_000;

    pub fn falls_on(&self, date: NaiveDate) -> bool {
        self.weekdays.contains(date.weekday())
            && self.from <= date
            && self.until.is_none_or(|until| date <= until)
            && !self.except.contains(&date)
    }

    /// Its days from `first` to `last`, both inclusive.
    pub fn dates(&self, first: NaiveDate, last: NaiveDate) -> impl Iterator<Item = NaiveDate> {
        first.iter_days().take_while(move |date| *date <= last).filter(|date| self.falls_on(*date))
    }

    /// Departure and arrival on a day, where clocks show the time of `zone`. A time that a clock
    /// change skips moves forward by what was skipped; one that it repeats is the first. The arrival
    /// is after the departure, whatever clocks do between.
    pub fn times(&self, date: NaiveDate, zone: TimeZone) -> (Timestamp, Timestamp) {
        let departure = zone.instant(on(date, self.departure));
        let arrival = match self.length {
            Length::Minutes(minutes) => departure + TimeDelta::minutes(minutes.into()),
            Length::Until(time) if time > self.departure => zone.instant(on(date, time)),
            Length::Until(time) => zone.instant(on(date + Days::new(1), time)),
        };
        (departure, arrival.max(departure + TimeDelta::minutes(1)))
    }
}

/// A reading of calendar and clock; 24:00 is the midnight after.
fn on(date: NaiveDate, time: TimeOfDay) -> chrono::NaiveDateTime {
    date.and_time(NaiveTime::MIN) + TimeDelta::minutes(time.minutes().into())
}

#[cfg(test)]
mod tests {
    use chrono::Weekday;
    use proptest::prelude::*;

    use super::*;

    fn berlin() -> TimeZone {
        "Europe/Berlin".parse().unwrap()
    }

    fn daily(departure: &str, length: Length) -> Recurrence {
        Recurrence {
            weekdays: Weekdays::ALL,
            departure: departure.parse().unwrap(),
            length,
            from: "2026-01-01".parse().unwrap(),
            until: None,
            except: BTreeSet::new(),
        }
    }

    fn times(recurrence: &Recurrence, date: &str) -> (String, String) {
        let (departure, arrival) = recurrence.times(date.parse().unwrap(), berlin());
        (departure.format("%d %H:%M").to_string(), arrival.format("%d %H:%M").to_string())
    }

    #[test]
    fn in_spring_a_skipped_departure_moves_on_by_the_gap() {
        let by_clock = daily("02:30", Length::Until("06:00".parse().unwrap()));
        assert_eq!(times(&by_clock, "2026-03-28"), ("28 01:30".into(), "28 05:00".into()));
        assert_eq!(times(&by_clock, "2026-03-29"), ("29 01:30".into(), "29 04:00".into()));
        let by_length = daily("01:00", Length::Minutes(120));
        assert_eq!(times(&by_length, "2026-03-29"), ("29 00:00".into(), "29 02:00".into()));
    }

    #[test]
    fn in_autumn_a_repeated_departure_is_the_first() {
        let by_clock = daily("02:30", Length::Until("06:00".parse().unwrap()));
        assert_eq!(times(&by_clock, "2026-10-25"), ("25 00:30".into(), "25 05:00".into()));
        let night = daily("22:00", Length::Until("22:00".parse().unwrap()));
        assert_eq!(times(&night, "2026-10-24"), ("24 20:00".into(), "25 21:00".into()));
    }

    #[test]
    fn a_gap_never_turns_a_run_around() {
        // Both times are skipped; moved on, the arrival still follows the departure.
        let short = daily("02:50", Length::Until("03:10".parse().unwrap()));
        let (departure, arrival) = short.times("2026-03-29".parse().unwrap(), berlin());
        assert!(arrival > departure);
    }

    #[test]
    fn only_its_days_count() {
        let mut weekly = daily("05:00", Length::Minutes(60));
        weekly.weekdays = Weekdays::of([Weekday::Mon, Weekday::Fri]);
        weekly.from = "2026-03-03".parse().unwrap();
        weekly.until = Some("2026-03-16".parse().unwrap());
        weekly.except.insert("2026-03-09".parse().unwrap());
        let days = weekly.dates("2026-03-01".parse().unwrap(), "2026-04-01".parse().unwrap());
        let days: Vec<_> = days.map(|day| day.to_string()).collect();
        assert_eq!(days, ["2026-03-06", "2026-03-13", "2026-03-16"]);
    }

    proptest! {
        #[test]
        fn every_day_has_its_run_at_the_clocks_time(
            day in 0_u64..1_500, minute in 0_u32..1_440, until in 0_u32..1_440,
        ) {
            let date = "2025-01-01".parse::<NaiveDate>().unwrap() + Days::new(day);
            let time = |minute| TimeOfDay::at(minute / 60, minute % 60);
            let recurrence = Recurrence {
                departure: time(minute), length: Length::Until(time(until)), ..daily("00:00", Length::Minutes(1))
            };
            let (departure, arrival) = recurrence.times(date, berlin());
            prop_assert!(departure < arrival && arrival - departure <= TimeDelta::hours(25));
            let shown = departure.with_timezone(&berlin().tz()).naive_local();
            let ahead = shown - on(date, time(minute));
            // On time, or moved on by the hour that was skipped.
            prop_assert!(ahead.is_zero() || ahead == TimeDelta::hours(1));
            let later = recurrence.times(date + Days::new(1), berlin()).0;
            prop_assert!((later - departure - TimeDelta::days(1)).abs() <= TimeDelta::hours(1));
        }
    }
}
