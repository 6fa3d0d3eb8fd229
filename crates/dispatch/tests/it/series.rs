//! Runs made ahead: once, by the depot's clock, and never against what was done by hand.

use std::sync::Arc;

use chrono::{Days, NaiveDate, TimeDelta};
use dispatch::{
    ChangeDuty, ChangeRecurrence, ChangeRun, ChangeSeries, CreateSeries, DispatchError, Duty, Length, Made,
    Recurrence, Run, RunSeries, RunsAhead, SeriesFilter, testing::hours,
};
use futures::executor::block_on;
use kernel::{
    Change, Clock, IdSource, OrganisationId, PageRequest, Scope, Soc, StoreError, Version, Weekdays, Wh,
};
use proptest::prelude::*;

use crate::{Fixture, a_run, fixture};

/// 05:00 to 07:00 every day, by the fixture's bus.
fn daily(f: &Fixture) -> CreateSeries {
    CreateSeries {
        depot: f.depot.id,
        block: "17".into(),
        recurrence: Recurrence {
            weekdays: Weekdays::ALL,
            departure: "05:00".parse().unwrap(),
            length: Length::Minutes(120),
            from: date("2026-03-01"),
            until: None,
            except: [date("2026-03-05")].into(),
        },
        duty: Duty { vehicle: Some(f.vehicle.id), ..Duty::default() },
    }
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn created(f: &Fixture, command: CreateSeries) -> (RunSeries, Made) {
    block_on(f.dispatch.series_create(&f.scope, command)).unwrap()
}

fn changed(f: &Fixture, series: &RunSeries, recurrence: ChangeRecurrence) -> Made {
    let change = ChangeSeries { recurrence, ..ChangeSeries::default() };
    block_on(f.dispatch.series_change(&f.scope, series.id, None, change)).unwrap().1
}

fn ahead(f: &Fixture) -> Made {
    let ahead = RunsAhead::new(Arc::new(f.store.clone()), f.clock.clone(), f.ids.clone());
    let ahead = block_on(ahead.make()).unwrap();
    assert!(ahead.failed.is_empty());
    ahead.made
}

fn days(f: &Fixture) -> Vec<String> {
    f.store.all_runs().iter().map(|run| run.service_date.format("%m-%d").to_string()).collect()
}

#[test]
fn runs_are_made_for_the_days_to_come_once() {
    let f = fixture();
    // It is Monday, 09:00 in Berlin: today's run would have left.
    let (series, made) = created(&f, daily(&f));
    let expected: Vec<_> = (3..=17).filter(|day| *day != 5).map(|day| format!("03-{day:02}")).collect();
    assert_eq!((made.created, days(&f)), (14, expected));
    let first = &f.store.all_runs()[0];
    assert_eq!(
        (first.series, first.series_date, first.by_hand),
        (Some(series.id), Some(date("2026-03-03")), false)
    );
    assert_eq!((first.departure_at, first.vehicle), (hours(20), Some(f.vehicle.id)));
    assert_eq!(ahead(&f), Made::default());
    f.clock.advance(TimeDelta::days(2));
    assert_eq!(ahead(&f).created, 2);
    assert_eq!(ahead(&f), Made::default());
    let names = f.store.event_names();
    assert_eq!(names.iter().filter(|name| *name == "manage.run.created.v1").count(), 16);
    assert_eq!(f.store.audit().len(), 17);
}

#[test]
fn what_was_deleted_cancelled_or_changed_by_hand_is_left_alone() {
    let f = fixture();
    let (series, _) = created(&f, daily(&f));
    let runs = f.store.all_runs();
    block_on(f.dispatch.run_delete(&f.scope, runs[0].id, None)).unwrap();
    block_on(f.dispatch.run_cancel(&f.scope, runs[1].id)).unwrap();
    let moved = ChangeRun {
        departure_at: Some(runs[2].departure_at + TimeDelta::minutes(7)),
        ..ChangeRun::default()
    };
    let moved = block_on(f.dispatch.run_change(&f.scope, runs[2].id, None, moved)).unwrap();
    let renamed = ChangeRun {
        block: Some("18".into()),
        service_date: Some(runs[3].service_date + Days::new(1)),
        ..ChangeRun::default()
    };
    block_on(f.dispatch.run_change(&f.scope, runs[3].id, None, renamed)).unwrap();
    let kept = block_on(f.dispatch.series_get(&f.scope, series.id)).unwrap();
    assert!(kept.recurrence.except.contains(&runs[0].service_date), "the day is an exception now");
    assert_eq!(kept.version, Version(2));

    let later = ChangeRecurrence { departure: Some("06:00".parse().unwrap()), ..ChangeRecurrence::default() };
    let made = changed(&f, &series, later);
    assert_eq!((made.created, made.changed, made.deleted), (0, 10, 0));
    let now = f.store.all_runs();
    let of = |id| now.iter().find(|run| run.id == id);
    assert!(of(runs[0].id).is_none());
    assert_eq!(of(runs[2].id), Some(&moved));
    assert_eq!(of(runs[1].id).unwrap().departure_at, runs[1].departure_at);
    assert_eq!(of(runs[4].id).unwrap().departure_at, runs[4].departure_at + TimeDelta::hours(1));
    assert_eq!(of(runs[4].id).unwrap().version, Version(2));
    f.clock.advance(TimeDelta::hours(36));
    assert_eq!(ahead(&f).created, 1, "only the day that has come within reach");
    assert!(f.store.all_runs().iter().all(|run| run.series_date != runs[0].series_date));
}

#[test]
fn a_change_reaches_only_what_is_to_come() {
    let f = fixture();
    let (series, _) = created(&f, daily(&f));
    // The first two have left, one of them on record.
    f.clock.set(hours(20));
    let first = f.store.all_runs()[0].clone();
    block_on(f.dispatch.run_depart(&f.scope, first.id, None)).unwrap();
    f.clock.set(hours(45));
    let mondays = ChangeRecurrence {
        weekdays: Some(Weekdays::of([chrono::Weekday::Mon])),
        ..ChangeRecurrence::default()
    };
    let made = changed(&f, &series, mondays);
    assert_eq!((made.deleted, made.changed), (10, 0));
    assert_eq!(days(&f), ["03-03", "03-04", "03-09", "03-16"]);
    block_on(f.dispatch.series_delete(&f.scope, series.id, None)).unwrap();
    assert_eq!(days(&f), ["03-03", "03-04"]);
    assert!(f.store.all_runs().iter().all(|run| run.series.is_none()));
    let gone = block_on(f.dispatch.series_get(&f.scope, series.id));
    assert!(matches!(gone, Err(DispatchError::NoSuchSeries)));
    assert_eq!(ahead(&f), Made::default());
}

#[test]
fn a_busy_vehicle_leaves_the_run_without_one() {
    let f = fixture();
    block_on(f.dispatch.run_create(&f.scope, a_run(&f, "1", 20))).unwrap();
    let (_, made) = created(&f, daily(&f));
    let runs: Vec<Run> = f.store.all_runs().into_iter().filter(|run| run.block == "17").collect();
    assert_eq!((made.created, &made.unassigned[..]), (14, &[runs[0].id][..]));
    assert_eq!(runs.iter().filter(|run| run.vehicle.is_none()).count(), 1);
    let told =
        f.store.events().into_iter().find(|event| event.name == "manage.run.left_unassigned.v1").unwrap();
    assert_eq!(told.data["wanted_vehicle_id"], serde_json::json!(f.vehicle.id));

    // A run of a day and a half stands in the way of its own successor.
    let f = fixture();
    let mut long = daily(&f);
    long.recurrence.length = Length::Minutes(36 * 60);
    let (_, made) = created(&f, long);
    assert_eq!((made.created, made.unassigned.len()), (14, 7));
}

#[test]
fn a_block_that_is_taken_is_passed_over() {
    let f = fixture();
    let mut taken = a_run(&f, "17", 30);
    taken.duty.vehicle = None;
    block_on(f.dispatch.run_create(&f.scope, taken)).unwrap();
    let (_, made) = created(&f, daily(&f));
    assert_eq!((made.created, made.blocked), (13, vec![date("2026-03-03")]));
}

#[test]
fn every_broken_rule_of_a_series_is_named() {
    let f = fixture();
    let mut absurd = daily(&f);
    absurd.block = String::new();
    absurd.duty.energy_required = Some(Wh(0));
    absurd.duty.vehicle = Some(f.ids.uuid().into());
    absurd.recurrence.weekdays = Weekdays::default();
    absurd.recurrence.length = Length::Minutes(4_321);
    absurd.recurrence.departure = "24:00".parse().unwrap();
    absurd.recurrence.until = Some(date("2026-02-28"));
    let Err(DispatchError::Invalid(invalid)) = block_on(f.dispatch.series_create(&f.scope, absurd)) else {
        panic!("absurd input is refused");
    };
    let pointers: Vec<_> = invalid.errors.iter().map(|error| error.pointer.as_str()).collect();
    assert_eq!(
        pointers,
        [
            "/block",
            "/energy_required_kwh",
            "/weekdays",
            "/departure_time",
            "/duration_minutes",
            "/until",
            "/vehicle_id"
        ]
    );
    let mut beyond = daily(&f);
    beyond.duty.energy_required = Some(Wh(349_000));
    beyond.duty.minimum_soc = Soc::from_percent(1.0).unwrap();
    let beyond = block_on(f.dispatch.series_create(&f.scope, beyond));
    assert!(matches!(beyond, Err(DispatchError::Invalid(_))));

    let (series, _) = created(&f, daily(&f));
    let stale = block_on(f.dispatch.series_delete(&f.scope, series.id, Some(Version(9))));
    assert!(matches!(stale, Err(DispatchError::Store(StoreError::Stale))));
    let stranger = Scope::system(OrganisationId::from(f.ids.uuid()));
    let change = ChangeSeries {
        duty: ChangeDuty { vehicle: Change::Clear, ..ChangeDuty::default() },
        ..ChangeSeries::default()
    };
    let strange = block_on(f.dispatch.series_change(&stranger, series.id, None, change));
    assert!(matches!(strange, Err(DispatchError::NoSuchSeries)));
    let page = block_on(f.dispatch.series_list(&stranger, &SeriesFilter::default(), PageRequest::default()))
        .unwrap();
    assert!(page.items.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn over_clock_changes_each_day_has_one_run_and_none_overlap(
        autumn in any::<bool>(), minute in 0_u32..1_440, minutes in 1_u32..2_000, steps in proptest::collection::vec(1_i64..30, 1..8),
    ) {
        let f = fixture();
        f.clock.set(if autumn { "2026-10-15T00:00:00Z" } else { "2026-03-20T00:00:00Z" }.parse().unwrap());
        let mut command = daily(&f);
        command.recurrence.from = date("2026-01-01");
        command.recurrence.departure = kernel::TimeOfDay::at(minute / 60, minute % 60);
        command.recurrence.length = Length::Minutes(minutes);
        created(&f, command);
        for step in steps {
            f.clock.advance(TimeDelta::hours(step * 3));
            ahead(&f);
            ahead(&f);
        }
        let runs = f.store.all_runs();
        for pair in runs.windows(2) {
            prop_assert_eq!(pair[1].service_date, pair[0].service_date + Days::new(1));
        }
        let driven: Vec<_> = runs.iter().filter(|run| run.vehicle.is_some()).collect();
        for pair in driven.windows(2) {
            prop_assert!(!pair[0].overlaps(pair[1]));
        }
        prop_assert!(runs.last().unwrap().departure_at > f.clock.now() + TimeDelta::days(13));
    }
}
