//! When a message is due: grouping, digests, quiet hours, and longer waits while messages keep
//! coming.

use chrono::{DurationRound, NaiveTime, TimeDelta, TimeZone as _, Timelike};
use kernel::{TimeOfDay, Timestamp};

use crate::model::{Pace, Severity, Timing, Zone};

/// The longest wait between messages of one rule to one recipient, by what is to be told.
const LONGEST: TimeDelta = TimeDelta::hours(1);
const LONGEST_CRITICAL: TimeDelta = TimeDelta::minutes(5);
/// How far ahead the end of quiet hours is looked for; they end within a week.
const FARTHEST: i32 = 8 * 24 * 60;

/// The last message of a rule to a recipient: when it was or is due, and its level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Last {
    pub due_at: Timestamp,
    pub level: u32,
}

/// Until when something may be told, and the level of the message that is made for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    pub at: Timestamp,
    pub level: u32,
}

impl Timing {
    /// When something that may be told from `ready` on is due. Where a message was sent shortly
    /// before, the next waits: twice as long each time, until nothing came for that long.
    pub fn due(&self, ready: Timestamp, severity: Severity, last: Option<Last>) -> Due {
        let zone = self.time_zone;
        let (at, level) = match self.pace {
            Pace::Hourly => (next_hour(zone, ready), 0),
            Pace::Daily { at } => (next_daily(zone, at, ready), 0),
            Pace::AtOnce { group_seconds } => {
                let group = TimeDelta::seconds(group_seconds.into());
                let at = ready + group;
                match last {
                    None => (at, 0),
                    Some(last) => {
                        let level = last.level.saturating_add(1);
                        let earliest = last.due_at + gap(group, level, severity);
                        if at < earliest { (earliest, level) } else { (at, 0) }
                    }
                }
            }
        };
        Due { at: self.after_quiet(at, severity), level }
    }

    /// The instant itself, or the end of the quiet hours it lies in.
    fn after_quiet(&self, at: Timestamp, severity: Severity) -> Timestamp {
        let Some(quiet) = &self.quiet else { return at };
        if quiet.breaks_through.is_some_and(|least| severity >= least) {
            return at;
        }
        // Minute by minute: whatever the clocks do in between, what counts is what they show.
        let minute = at.duration_trunc(TimeDelta::minutes(1)).unwrap_or(at);
        let mut steps = (0..FARTHEST).map(|n| minute + TimeDelta::minutes(n.into()));
        let over = steps.find(|step| {
            let local = step.with_timezone(&self.time_zone.0);
            let time = TimeOfDay::at(local.hour(), local.minute());
            !quiet.hours.contains(chrono::Datelike::weekday(&local), time)
        });
        over.map_or(at, |over| over.max(at))
    }
}

/// How long after a message the next of that level comes.
fn gap(group: TimeDelta, level: u32, severity: Severity) -> TimeDelta {
    let longest = if severity == Severity::Critical { LONGEST_CRITICAL } else { LONGEST };
    let doubled = group.checked_mul(1_i32.checked_shl(level).unwrap_or(i32::MAX).max(1));
    doubled.unwrap_or(longest).min(longest).max(group)
}

/// The first full hour on the wall after an instant.
fn next_hour(zone: Zone, after: Timestamp) -> Timestamp {
    let minute = after.duration_trunc(TimeDelta::minutes(1)).unwrap_or(after);
    let mut steps = (1..=120).map(|n| minute + TimeDelta::minutes(n));
    let full = steps.find(|step| step.with_timezone(&zone.0).minute() == 0);
    full.unwrap_or(after + TimeDelta::hours(1))
}

/// The first instant after another at which the wall shows a time. Where a day skips that time, the
/// first that it shows after it; where a day shows it twice, the first.
fn next_daily(zone: Zone, at: TimeOfDay, after: Timestamp) -> Timestamp {
    let today = after.with_timezone(&zone.0).date_naive();
    let seconds = u32::from(at.minutes() % (24 * 60)) * 60;
    let time = NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0).unwrap_or_default();
    let on = |day: chrono::NaiveDate| {
        // Clocks are put forward by less than three hours.
        let mut tries = (0..180).map(|n| day.and_time(time) + TimeDelta::minutes(n));
        tries.find_map(|local| zone.0.from_local_datetime(&local).earliest())
    };
    let days = today.iter_days().take(3);
    let next = days.filter_map(on).map(|local| local.to_utc()).find(|instant| *instant > after);
    next.unwrap_or(after + TimeDelta::days(1))
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Weekday};
    use kernel::{WeekBand, Weekdays};
    use proptest::prelude::*;

    use super::*;
    use crate::model::Quiet;

    fn at(text: &str) -> Timestamp {
        text.parse::<DateTime<chrono::Utc>>().unwrap()
    }

    fn berlin() -> Zone {
        "Europe/Berlin".parse().unwrap()
    }

    fn timing(pace: Pace) -> Timing {
        Timing { pace, delay_seconds: 0, time_zone: berlin(), quiet: None, tell_cleared: false }
    }

    fn night() -> Timing {
        let hours = WeekBand::new(Weekdays::ALL, "22:00".parse().unwrap(), "06:00".parse().unwrap());
        let quiet = Quiet { hours: hours.unwrap(), breaks_through: Some(Severity::Critical) };
        Timing { quiet: Some(quiet), ..timing(Pace::AtOnce { group_seconds: 60 }) }
    }

    #[test]
    fn quiet_hours_end_by_the_clock_on_the_wall_also_in_the_night_that_is_shorter_or_longer() {
        for (raised, told) in [
            // Winter, summer, and before and after.
            ("2026-01-10T23:00:00Z", "2026-01-11T05:00:00Z"),
            ("2026-07-10T21:00:00Z", "2026-07-11T04:00:00Z"),
            ("2026-07-10T04:00:00Z", "2026-07-10T04:01:00Z"),
            // 29 March: from 02:00 to 03:00. 25 October: from 03:00 back to 02:00.
            ("2026-03-28T22:30:00Z", "2026-03-29T04:00:00Z"),
            ("2026-10-24T21:30:00Z", "2026-10-25T05:00:00Z"),
        ] {
            let due = night().due(at(raised), Severity::Warning, None);
            assert_eq!(due.at, at(told), "{raised}");
        }
        let raised = at("2026-01-10T23:00:00Z");
        let due = night().due(raised, Severity::Critical, None);
        assert_eq!(due.at, raised + TimeDelta::seconds(60), "severe enough");
    }

    #[test]
    fn a_band_of_some_days_is_quiet_on_those_only() {
        let band = WeekBand::new(
            Weekdays::of([Weekday::Sat, Weekday::Sun]),
            "00:00".parse().unwrap(),
            "24:00".parse().unwrap(),
        );
        let quiet = Quiet { hours: band.unwrap(), breaks_through: None };
        let timing = Timing { quiet: Some(quiet), ..timing(Pace::AtOnce { group_seconds: 0 }) };
        let saturday = at("2026-01-10T12:00:00Z");
        assert_eq!(timing.due(saturday, Severity::Critical, None).at, at("2026-01-11T23:00:00Z"));
    }

    #[test]
    fn digests_come_with_the_next_hour_and_the_next_day() {
        let hourly = timing(Pace::Hourly);
        assert_eq!(
            hourly.due(at("2026-01-10T12:00:00Z"), Severity::Info, None).at,
            at("2026-01-10T13:00:00Z")
        );
        let daily = |time: &str| timing(Pace::Daily { at: time.parse().unwrap() });
        for (time, raised, told) in [
            ("07:00", "2026-01-10T05:59:59Z", "2026-01-10T06:00:00Z"),
            ("07:00", "2026-01-10T06:00:00Z", "2026-01-11T06:00:00Z"),
            // 02:30 is skipped on 29 March: the first time after it. On 25 October it comes twice.
            ("02:30", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"),
            ("02:30", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"),
        ] {
            assert_eq!(daily(time).due(at(raised), Severity::Info, None).at, at(told), "{time} {raised}");
        }
    }

    #[test]
    fn messages_that_keep_coming_come_less_often() {
        let timing = timing(Pace::AtOnce { group_seconds: 60 });
        let start = at("2026-01-10T12:00:00Z");
        let (mut last, mut waits) = (None::<Last>, Vec::new());
        for _ in 0..8 {
            // The next trouble comes with the last message.
            let ready = last.map_or(start, |last: Last| last.due_at);
            let due = timing.due(ready, Severity::Warning, last);
            waits.push((due.at - ready).num_minutes());
            last = Some(Last { due_at: due.at, level: due.level });
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
        let later = last.unwrap().due_at + TimeDelta::hours(2);
        assert_eq!(
            timing.due(later, Severity::Warning, last),
            Due { at: later + TimeDelta::minutes(1), level: 0 }
        );
        let soon = last.unwrap().due_at;
        assert_eq!((timing.due(soon, Severity::Critical, last).at - soon).num_minutes(), 5);
    }

    proptest! {
        #[test]
        fn what_is_told_is_told_later_never_in_quiet_hours_and_within_two_weeks(
            minute in 0_i64..1_000_000,
            (from, to) in (0_u32..1440, 0_u32..1440),
            days in 1_u8..128,
            daily in 0_u32..1440,
            pace in 0..3,
        ) {
            let weekdays = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];
            let weekdays = weekdays.into_iter().filter(|day| days & (1 << day.num_days_from_monday()) != 0);
            let time = |minute: u32| TimeOfDay::at(minute / 60, minute % 60);
            prop_assume!(from != to);
            let hours = WeekBand::new(Weekdays::of(weekdays), time(from), time(to)).unwrap();
            let pace = match pace {
                0 => Pace::AtOnce { group_seconds: 30 },
                1 => Pace::Hourly,
                _ => Pace::Daily { at: time(daily) },
            };
            let quiet = Some(Quiet { hours, breaks_through: None });
            let timing = Timing { quiet, ..timing(pace) };
            let ready = at("2026-01-01T00:00:00Z") + TimeDelta::minutes(minute);
            let due = timing.due(ready, Severity::Critical, None).at;
            prop_assert!(due > ready && due - ready < TimeDelta::days(14));
            let local = due.with_timezone(&berlin().0);
            prop_assert!(!hours.contains(chrono::Datelike::weekday(&local), time(local.hour() * 60 + local.minute())));
        }
    }
}
