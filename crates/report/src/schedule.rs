//! When reports are due: a cron pattern on the clock of some wall.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, TimeDelta};
use chrono_tz::Tz;
use croner::{
    Cron,
    parser::{CronParser, Seconds, Year},
};
use kernel::{Actor, DepotId, OrganisationId, ReportRunId, ReportScheduleId, StoreError, Timestamp, Version};
use serde::{Deserialize, Serialize};

use crate::{
    kind::{Format, Kind},
    model::{Run, Subject},
};

/// Reports of one schedule are at least so far apart.
pub const CLOSEST: TimeDelta = TimeDelta::minutes(15);
/// Times that are made up for after a long pause, the newest of them.
pub const MOST_CAUGHT_UP: usize = 50;
/// A time that was missed by no more than this is not late.
pub const GRACE: TimeDelta = TimeDelta::minutes(10);

/// Has the same report made again and again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Schedule {
    pub id: ReportScheduleId,
    pub organisation: OrganisationId,
    pub version: Version,
    pub name: String,
    pub kind: Kind,
    pub format: Format,
    /// `None`: all of the organisation.
    pub depots: Option<Vec<DepotId>>,
    /// Minute, hour, day of the month, month, day of the week.
    pub cron: String,
    /// On whose clock, by its IANA name.
    pub timezone: String,
    pub period: Period,
    pub catch_up: CatchUp,
    pub paused: bool,
    /// The next time that has no run yet; `None` where there is none.
    pub next_at: Option<Timestamp>,
    pub created_by: Actor,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Schedule {
    /// # Errors
    /// Where it can no longer be read.
    pub(crate) fn timing(&self, now: Timestamp) -> Result<Timing, StoreError> {
        Timing::parse(&self.cron, &self.timezone, now)
            .map_err(|_| StoreError::corrupt("the times of a report's schedule"))
    }

    /// The run for one of its times, or for now where it is not due.
    pub(crate) fn run(
        &self,
        timing: &Timing,
        at: Timestamp,
        slot: Option<Timestamp>,
        id: ReportRunId,
        requested_by: Actor,
        now: Timestamp,
    ) -> Run {
        let (from, to) = timing.period(self.period, at);
        let subject = Subject { kind: self.kind, format: self.format, depots: self.depots.clone(), from, to };
        Run { schedule: Some(self.id), slot, ..Run::new(id, self.organisation, subject, requested_by, now) }
    }
}

/// What a report is about: the last whole one before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    Day,
    /// Monday to Sunday.
    Week,
    Month,
}

/// What becomes of times that passed while no worker ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CatchUp {
    /// They are left out.
    None,
    /// The latest of them is made up for.
    Latest,
    /// Each is, up to [`MOST_CAUGHT_UP`].
    All,
}

/// Why a pattern or a zone cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadTiming {
    Pattern,
    Zone,
    TooOften,
}

/// A pattern on a clock.
#[derive(Clone, Debug)]
pub struct Timing {
    cron: Cron,
    zone: Tz,
}

impl Timing {
    /// # Errors
    /// For what is no pattern of five fields or no zone, and for times closer than [`CLOSEST`] among
    /// those after `now`.
    pub fn parse(cron: &str, zone: &str, now: Timestamp) -> Result<Self, BadTiming> {
        let zone: Tz = zone.parse().map_err(|_| BadTiming::Zone)?;
        let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        let cron = parser.parse(cron).map_err(|_| BadTiming::Pattern)?;
        let timing = Self { cron, zone };
        // A day's worth of the closest, and then some.
        let mut last = None;
        for at in timing.after(now).take(100) {
            if last.is_some_and(|last| at - last < CLOSEST) {
                return Err(BadTiming::TooOften);
            }
            last = Some(at);
        }
        last.map(|_| timing).ok_or(BadTiming::Pattern)
    }

    /// The first time after an instant.
    pub fn next(&self, after: Timestamp) -> Option<Timestamp> {
        self.after(after).next()
    }

    /// All times after an instant. A fixed time that a clock skips is told at the moment it skips to,
    /// and one that it tells twice counts once.
    fn after(&self, instant: Timestamp) -> impl Iterator<Item = Timestamp> {
        let mut at = Some(instant.with_timezone(&self.zone));
        std::iter::from_fn(move || {
            at = self.cron.find_next_occurrence(&at?, false).ok();
            at.map(|at| at.to_utc())
        })
    }

    /// What is due at `now` where `first` is the next time without a run, the oldest first; and the
    /// next time after all of them.
    pub fn due(
        &self,
        first: Timestamp,
        now: Timestamp,
        catch_up: CatchUp,
    ) -> (Vec<Timestamp>, Option<Timestamp>) {
        if first > now {
            return (Vec::new(), Some(first));
        }
        let mut passed = BTreeSet::from([first]);
        let mut next = None;
        for at in self.after(first) {
            if at > now {
                next = Some(at);
                break;
            }
            passed.insert(at);
            if passed.len() > MOST_CAUGHT_UP {
                passed.pop_first();
            }
        }
        let late = |at: &Timestamp| now - *at > GRACE;
        let due = match catch_up {
            CatchUp::All => passed.into_iter().collect(),
            CatchUp::Latest => passed.pop_last().into_iter().collect(),
            CatchUp::None => passed.pop_last().filter(|at| !late(at)).into_iter().collect(),
        };
        (due, next)
    }

    /// The last whole period before an instant, by the clock of the zone.
    pub fn period(&self, period: Period, at: Timestamp) -> (Timestamp, Timestamp) {
        let today = at.with_timezone(&self.zone).date_naive();
        let (from, to) = match period {
            Period::Day => (today - Days::new(1), today),
            Period::Week => {
                let monday = today - Days::new(today.weekday().num_days_from_monday().into());
                (monday - Days::new(7), monday)
            }
            Period::Month => {
                let first = today.with_day(1).unwrap_or(today);
                (first - Months::new(1), first)
            }
        };
        (self.midnight(from), self.midnight(to))
    }

    /// When a day begins: where the clock skips midnight, at the moment it skips to.
    fn midnight(&self, day: NaiveDate) -> Timestamp {
        let midnight = day.and_time(chrono::NaiveTime::MIN);
        (0..48)
            .find_map(|quarters| {
                let local = midnight + TimeDelta::minutes(15 * quarters);
                local.and_local_timezone(self.zone).earliest()
            })
            .map_or_else(|| midnight.and_utc(), |at: DateTime<Tz>| at.to_utc())
    }
}

#[cfg(test)]
mod tests {
    use chrono::Utc;
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        DateTime::parse_from_rfc3339(text).unwrap().with_timezone(&Utc)
    }

    fn timing(cron: &str, zone: &str) -> Timing {
        Timing::parse(cron, zone, at("2026-01-01T00:00:00Z")).unwrap()
    }

    fn times(cron: &str, from: &str, count: usize) -> Vec<String> {
        let timing = timing(cron, "Europe/Berlin");
        timing.after(at(from)).take(count).map(|at| at.with_timezone(&timing.zone).to_rfc3339()).collect()
    }

    #[test]
    fn a_time_that_the_clock_skips_is_told_when_it_has_skipped() {
        let found = times("30 2 * * *", "2026-03-28T00:00:00Z", 3);
        assert_eq!(
            found,
            ["2026-03-28T02:30:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"]
        );
        let found = times("0 6 * * *", "2026-03-28T00:00:00Z", 2);
        assert_eq!(found, ["2026-03-28T06:00:00+01:00", "2026-03-29T06:00:00+02:00"]);
    }

    #[test]
    fn a_time_that_the_clock_tells_twice_counts_once() {
        let found = times("30 2 * * *", "2026-10-24T12:00:00Z", 2);
        assert_eq!(found, ["2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"]);
        // Every hour is every hour, also the one that comes twice.
        let hours = timing("0 * * * *", "Europe/Berlin");
        let passed: Vec<_> = hours.after(at("2026-10-24T23:30:00Z")).take(4).collect();
        assert_eq!(passed.windows(2).filter(|two| two[1] - two[0] == TimeDelta::hours(1)).count(), 3);
    }

    #[test]
    fn a_day_is_as_long_as_the_clock_makes_it() {
        for (zone, slot, from, hours) in [
            ("Europe/Berlin", "2026-03-30T04:00:00Z", "2026-03-28T23:00:00Z", 23),
            ("Europe/Berlin", "2026-10-26T04:00:00Z", "2026-10-24T22:00:00Z", 25),
            // Midnight itself is skipped there.
            ("Africa/Cairo", "2026-04-25T04:00:00Z", "2026-04-23T22:00:00Z", 23),
        ] {
            let (begin, end) = timing("0 6 * * *", zone).period(Period::Day, at(slot));
            assert_eq!((begin, end - begin), (at(from), TimeDelta::hours(hours)), "{zone} {slot}");
        }
        let berlin = timing("0 6 * * *", "Europe/Berlin");
        let (from, to) = berlin.period(Period::Week, at("2026-04-01T04:00:00Z"));
        assert_eq!((from, to), (at("2026-03-22T23:00:00Z"), at("2026-03-29T22:00:00Z")));
        let (from, to) = berlin.period(Period::Month, at("2026-03-31T22:30:00Z"));
        assert_eq!((from, to), (at("2026-02-28T23:00:00Z"), at("2026-03-31T22:00:00Z")));
    }

    #[test]
    fn what_was_missed_is_made_up_for_as_wanted() {
        let daily = timing("0 6 * * *", "Europe/Berlin");
        let (first, now) = (at("2026-03-27T05:00:00Z"), at("2026-03-30T10:00:00Z"));
        let next = Some(at("2026-03-31T04:00:00Z"));
        let all =
            ["2026-03-27T05:00:00Z", "2026-03-28T05:00:00Z", "2026-03-29T04:00:00Z", "2026-03-30T04:00:00Z"];
        assert_eq!(daily.due(first, now, CatchUp::All), (all.map(at).to_vec(), next));
        assert_eq!(daily.due(first, now, CatchUp::Latest), (vec![at(all[3])], next));
        assert_eq!(daily.due(first, now, CatchUp::None), (vec![], next));
        let soon = at(all[3]) + GRACE;
        assert_eq!(daily.due(first, soon, CatchUp::None), (vec![at(all[3])], next));
        assert_eq!(daily.due(at(all[3]), at(all[2]), CatchUp::All), (vec![], Some(at(all[3]))));
        let years = daily.due(at("2020-01-01T05:00:00Z"), now, CatchUp::All).0;
        assert_eq!((years.len(), years.last()), (MOST_CAUGHT_UP, Some(&at(all[3]))));
    }

    #[test]
    fn what_cannot_be_used_is_refused() {
        let parse = |cron, zone| Timing::parse(cron, zone, at("2026-01-01T00:00:00Z")).err();
        for cron in ["", "x", "0 6 * *", "0 0 6 * * *", "61 6 * * *", "0 6 31 2 *", "0 6 * * * 2026"] {
            assert_eq!(parse(cron, "Europe/Berlin"), Some(BadTiming::Pattern), "{cron}");
        }
        assert_eq!(parse("0 6 * * *", "Europe/Nowhere"), Some(BadTiming::Zone));
        assert_eq!(parse("* * * * *", "UTC"), Some(BadTiming::TooOften));
        assert_eq!(parse("0,5 6 * * *", "UTC"), Some(BadTiming::TooOften));
        assert_eq!(parse("*/15 * * * *", "UTC"), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn however_often_it_is_asked_each_time_is_due_once(
            minute in 0_u32..60,
            hour in 0_u32..24,
            steps in proptest::collection::vec(1_i64..4_000, 1..20),
        ) {
            let timing = timing(&format!("{minute} {hour} * * *"), "Europe/Berlin");
            let begin = at("2026-03-20T00:00:00Z");
            let (mut now, mut next, mut due) = (begin, timing.next(begin), Vec::new());
            for step in steps {
                now += TimeDelta::minutes(step);
                let (found, then) = timing.due(next.unwrap(), now, CatchUp::All);
                due.extend(found);
                next = then;
            }
            let expected: Vec<_> = timing.after(begin).take_while(|at| *at <= now).collect();
            prop_assert_eq!(due, expected);
        }
    }
}
