//! Every run that was to depart in the time, what its vehicle needed and what it left with.
//!
//! A run complies where its vehicle had what it needed and left in time. Runs whose departure is not
//! over, and those of which nobody knows, count neither way. Cancelled runs are not runs.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{NaiveDate, TimeDelta};
use kernel::{DepotId, Soc, StoreError, Timestamp};

use super::{
    Batch, Making, Material, STEP, column,
    days::{Day, Together, chart},
};
use crate::{
    port::{DutyFacts, DutyPlace},
    table::{Bar, Cell, Chart, Column, ColumnKind, Foot},
};

pub(super) const COLUMNS: &[Column] = &[
    column("service_date", "Day", ColumnKind::Date),
    column("depot", "Depot", ColumnKind::Text),
    column("block", "Block", ColumnKind::Text),
    column("vehicle", "Vehicle", ColumnKind::Text),
    column("departure_at", "Departure", ColumnKind::Instant),
    column("departed_at", "Departed", ColumnKind::Instant),
    column("late_minutes", "Late (min)", ColumnKind::Number),
    column("required_soc_percent", "Required SoC (%)", ColumnKind::Number),
    column("reached_soc_percent", "Reached SoC (%)", ColumnKind::Number),
    column("shortfall_kwh", "Shortfall (kWh)", ColumnKind::Number),
    column("outcome", "Outcome", ColumnKind::Text),
];

/// A vehicle that leaves by no more than this after its time is not late.
const GRACE: TimeDelta = TimeDelta::minutes(5);
/// Depots that the sums have room for.
const MOST_DEPOTS: usize = 20;

/// What became of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// The vehicle had what it needed, and left in time or could have.
    Ready,
    /// It had what it needed, and left after its time.
    Late,
    /// It did not have what it needed when it left or should have left.
    Missed,
    /// No vehicle was to run it.
    Unassigned,
    /// Nobody knows what it left with.
    Unknown,
    /// The departure is not over.
    Open,
}

impl Outcome {
    const fn word(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Late => "late",
            Self::Missed => "missed",
            Self::Unassigned => "unassigned",
            Self::Unknown => "unknown",
            Self::Open => "open",
        }
    }

    fn of(duty: &DutyFacts, now: Timestamp) -> Self {
        if duty.departed_at.is_none() && now < duty.place.departure_at {
            return Self::Open;
        }
        if duty.vehicle.is_none() && duty.departed_at.is_none() {
            return Self::Unassigned;
        }
        let enough = match (duty.required, duty.reached) {
            (Some(required), Some(reached)) => Some(reached >= required),
            _ if duty.judged_missed => Some(false),
            _ => None,
        };
        let late = duty.departed_at.is_some_and(|at| at - duty.place.departure_at > GRACE);
        match enough {
            Some(true) if late => Self::Late,
            Some(true) => Self::Ready,
            Some(false) => Self::Missed,
            None => Self::Unknown,
        }
    }
}

/// How many runs ended in which way.
#[derive(Clone, Copy, Default)]
struct Counts {
    ready: i64,
    late: i64,
    missed: i64,
    unassigned: i64,
}

impl Counts {
    fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Ready => self.ready += 1,
            Outcome::Late => self.late += 1,
            Outcome::Missed => self.missed += 1,
            Outcome::Unassigned => self.unassigned += 1,
            Outcome::Unknown | Outcome::Open => {}
        }
    }

    /// The share of runs that complied, in thousandths of a percent; `None` where none counts.
    fn share(self) -> Option<i64> {
        let counted = self.ready + self.late + self.missed + self.unassigned;
        (counted > 0).then(|| self.ready * 100_000 / counted)
    }
}

pub(super) struct Compliance {
    material: Material,
    after: Option<DutyPlace>,
    ended: bool,
    runs: i64,
    all: Counts,
    by_day: BTreeMap<NaiveDate, Counts>,
    by_depot: BTreeMap<DepotId, Counts>,
}

impl Compliance {
    pub(super) fn new(material: Material) -> Self {
        Self {
            material,
            after: None,
            ended: false,
            runs: 0,
            all: Counts::default(),
            by_day: BTreeMap::new(),
            by_depot: BTreeMap::new(),
        }
    }

    fn row(&mut self, duty: DutyFacts) -> Vec<Cell> {
        let outcome = Outcome::of(&duty, self.material.made_at);
        self.runs += 1;
        self.all.add(outcome);
        self.by_day.entry(duty.service_date).or_default().add(outcome);
        self.by_depot.entry(duty.depot).or_default().add(outcome);
        let late = duty.departed_at.map(|at| (at - duty.place.departure_at).num_milliseconds().max(0) / 60);
        let soc = |soc: Option<Soc>| Cell::or_empty(soc, |soc| Cell::Milli(i64::from(soc.hundredths()) * 10));
        vec![
            Cell::Date(duty.service_date),
            Cell::text(self.material.depot_name(duty.depot)),
            Cell::text(duty.block),
            Cell::or_empty(duty.vehicle, |(_, name)| Cell::text(name)),
            Cell::Instant(duty.place.departure_at),
            Cell::or_empty(duty.departed_at, Cell::Instant),
            Cell::or_empty(late, Cell::Milli),
            soc(duty.required),
            soc(duty.reached),
            Cell::or_empty(duty.shortfall, Cell::kwh),
            Cell::text(outcome.word()),
        ]
    }

    /// The share of each depot that is named, where there are several.
    fn shares(&self) -> Vec<(String, i64)> {
        let depots = self.material.depots.iter();
        let share = |id| self.by_depot.get(&id).copied().and_then(Counts::share);
        depots.filter_map(|depot| Some((depot.name.clone(), share(depot.id)?))).collect()
    }
}

#[async_trait]
impl Making for Compliance {
    async fn next(&mut self) -> Result<Option<Batch>, StoreError> {
        if self.ended {
            return Ok(None);
        }
        let found = self.material.source.duties(&self.material.wanted, self.after, STEP).await?;
        self.ended = found.len() < STEP as usize;
        self.after = found.last().map(|duty| duty.place);
        let progress = self.after.map_or(100, |place| self.material.progress(place.departure_at));
        Ok(Some(Batch { rows: found.into_iter().map(|duty| self.row(duty)).collect(), progress }))
    }

    fn foot(&mut self) -> Foot {
        let percent = |share: i64| Cell::Milli(share).number().unwrap_or_default();
        let shares = self.shares();
        let chart = if self.material.depots.len() > 1 {
            let bar = |(name, share): &(String, i64)| Bar {
                label: name.clone(),
                value: percent(*share),
                limit: None,
            };
            let bars: Vec<Bar> = shares.iter().take(MOST_DEPOTS).map(bar).collect();
            (!bars.is_empty()).then_some(Chart { title: "Ready in time by depot", unit: "%", bars })
        } else {
            let of_day = |counts: Counts| Some(Day { value: percent(counts.share()?), limit: None });
            let days =
                self.by_day.iter().filter_map(|(day, counts)| Some((*day, of_day(*counts)?))).collect();
            chart("Ready in time by day", "%", &days, Together::Mean)
        };
        let counts = self.all;
        let mut totals = vec![
            ("Runs".into(), Cell::Integer(self.runs)),
            ("Ready".into(), Cell::Integer(counts.ready)),
            ("Late".into(), Cell::Integer(counts.late)),
            ("Missed".into(), Cell::Integer(counts.missed)),
            ("Unassigned".into(), Cell::Integer(counts.unassigned)),
            ("Ready in time (%)".into(), Cell::or_empty(counts.share(), Cell::Milli)),
        ];
        if self.material.depots.len() > 1 {
            let of_depot = |(name, share)| (format!("{name} (%)").into(), Cell::Milli(share));
            totals.extend(shares.into_iter().take(MOST_DEPOTS).map(of_depot));
        }
        Foot { rows: 0, totals, chart }
    }
}

#[cfg(test)]
mod tests {
    use kernel::{
        Clock, IdSource,
        testing::{CountingIds, FakeClock},
    };

    use super::*;

    fn duty() -> DutyFacts {
        let ids = CountingIds::default();
        let place = DutyPlace { departure_at: FakeClock::default().now(), id: ids.uuid().into() };
        DutyFacts {
            place,
            depot: ids.uuid().into(),
            service_date: place.departure_at.date_naive(),
            block: "B1".to_owned(),
            vehicle: Some((ids.uuid().into(), "12".to_owned())),
            departed_at: Some(place.departure_at),
            required: Soc::from_percent(80.0),
            reached: Soc::from_percent(85.0),
            shortfall: None,
            judged_missed: false,
        }
    }

    #[test]
    fn what_became_of_a_run_is_told_by_what_it_left_with_and_when() {
        let due = duty().place.departure_at;
        let late = due + GRACE + TimeDelta::seconds(1);
        for (duty, now, outcome) in [
            (duty(), due, Outcome::Ready),
            (DutyFacts { departed_at: Some(due + GRACE), ..duty() }, late, Outcome::Ready),
            (DutyFacts { departed_at: Some(late), ..duty() }, late, Outcome::Late),
            (
                DutyFacts { departed_at: Some(late), reached: Soc::from_percent(79.0), ..duty() },
                late,
                Outcome::Missed,
            ),
            (DutyFacts { departed_at: None, ..duty() }, late, Outcome::Ready),
            (
                DutyFacts { departed_at: None, reached: Soc::from_percent(10.0), ..duty() },
                late,
                Outcome::Missed,
            ),
            (DutyFacts { departed_at: None, ..duty() }, due - TimeDelta::seconds(1), Outcome::Open),
            (DutyFacts { departed_at: None, vehicle: None, ..duty() }, due, Outcome::Unassigned),
            (DutyFacts { reached: None, ..duty() }, due, Outcome::Unknown),
            (DutyFacts { reached: None, judged_missed: true, ..duty() }, due, Outcome::Missed),
        ] {
            assert_eq!(Outcome::of(&duty, now), outcome, "{duty:?}");
        }
    }

    #[test]
    fn only_what_is_known_and_over_counts() {
        let mut counts = Counts::default();
        assert_eq!(counts.share(), None);
        for outcome in [Outcome::Open, Outcome::Unknown, Outcome::Ready, Outcome::Late, Outcome::Missed] {
            counts.add(outcome);
        }
        assert_eq!(counts.share(), Some(33_333));
        counts.add(Outcome::Unassigned);
        assert_eq!(counts.share(), Some(25_000));
    }
}
