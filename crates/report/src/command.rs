//! What callers may ask for, and the checks that turn input into valid values.

use kernel::{DepotId, Invalid, Timestamp};

use crate::{
    kind::{Format, Kind},
    model::{LONGEST, Subject},
    schedule::{BadTiming, CLOSEST, CatchUp, Period, Schedule, Timing},
};

/// Have a report made.
#[derive(Clone, Debug)]
pub struct CreateRun {
    pub kind: Kind,
    pub format: Format,
    /// `None`: all of the organisation.
    pub depot: Option<DepotId>,
    /// Inclusive.
    pub from: Timestamp,
    /// Exclusive.
    pub to: Timestamp,
}

impl CreateRun {
    /// Tidies the subject and notes what is wrong with it.
    pub(crate) fn check(self, now: Timestamp, invalid: &mut Invalid) -> Subject {
        let Self { kind, format, depot, from, to } = self;
        let (from, to) = (kernel::clock::to_micros(from), kernel::clock::to_micros(to));
        if from >= to {
            invalid.push("/from", "not_before_to", "must be before `to`");
        } else if to - from > LONGEST {
            let detail = format!("must be at most {} days before `to`", LONGEST.num_days());
            invalid.push("/from", "range_too_long", detail);
        } else if from > now {
            invalid.push("/from", "in_the_future", "must not lie in the future");
        }
        Subject { kind, format, depots: depot.map(|depot| vec![depot]), from, to }
    }
}

/// Have the same report made again and again.
#[derive(Clone, Debug)]
pub struct CreateSchedule {
    pub name: String,
    pub kind: Kind,
    pub format: Format,
    /// `None`: all of the organisation.
    pub depot: Option<DepotId>,
    pub cron: String,
    pub timezone: String,
    pub period: Period,
    pub catch_up: CatchUp,
    pub paused: bool,
}

/// A merge patch of a schedule. What it is about does not change.
#[derive(Clone, Debug, Default)]
pub struct ChangeSchedule {
    pub name: Option<String>,
    pub format: Option<Format>,
    pub cron: Option<String>,
    pub timezone: Option<String>,
    pub period: Option<Period>,
    pub catch_up: Option<CatchUp>,
    pub paused: Option<bool>,
}

impl ChangeSchedule {
    /// Applies the patch; the result still has to be checked.
    pub(crate) fn apply(self, schedule: &mut Schedule) {
        fn set<T>(field: &mut T, value: Option<T>) {
            if let Some(value) = value {
                *field = value;
            }
        }
        set(&mut schedule.name, self.name);
        set(&mut schedule.format, self.format);
        set(&mut schedule.cron, self.cron);
        set(&mut schedule.timezone, self.timezone);
        set(&mut schedule.period, self.period);
        set(&mut schedule.catch_up, self.catch_up);
        set(&mut schedule.paused, self.paused);
    }
}

/// Tidies a schedule and notes what is wrong with it. Its times, where they can be told.
pub(crate) fn check_schedule(
    schedule: &mut Schedule,
    now: Timestamp,
    invalid: &mut Invalid,
) -> Option<Timing> {
    schedule.name = invalid.text("/name", &schedule.name, 100);
    schedule.cron = schedule.cron.split_whitespace().collect::<Vec<_>>().join(" ");
    match Timing::parse(&schedule.cron, &schedule.timezone, now) {
        Ok(timing) => Some(timing),
        Err(bad) => {
            match bad {
                BadTiming::Pattern => {
                    invalid.push("/cron", "invalid_value", "must be five fields of cron that meet some time");
                }
                BadTiming::Zone => {
                    invalid.push("/timezone", "unknown_value", "must be a zone of the IANA database");
                }
                BadTiming::TooOften => {
                    let detail = format!("times must be at least {} minutes apart", CLOSEST.num_minutes());
                    invalid.push("/cron", "too_often", detail);
                }
            }
            None
        }
    }
}
