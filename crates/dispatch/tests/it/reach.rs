//! What dispatchers of some groups may do: with depots and vehicles of theirs, and no others.

use std::sync::Arc;

use dispatch::{
    ChangeDuty, ChangeRun, CreateRun, CreateSeries, DispatchError, Duty, Format, Length, ReadinessState,
    Recurrence, RunFilter, SeriesFilter,
    testing::{Yard, hours},
};
use futures::executor::block_on;
use kernel::{
    Change, IdSource, PageRequest, Permission, ResourceGroupId, Scope, Weekdays, testing::sight::FakeSight,
};
use vehicle::{Vehicle, testing::bus};

use crate::{Fixture, a_run, fixture};

struct Group {
    sight: Arc<FakeSight>,
    id: ResourceGroupId,
    scope: Scope,
}

/// A group that holds nothing yet, and its dispatcher.
fn group(f: &Fixture) -> Group {
    let (sight, id) = (Arc::new(FakeSight::default()), f.ids.uuid().into());
    let may = [Permission::DispatchRead, Permission::DispatchWrite].into();
    let scope = sight.scope(f.scope.organisation(), id, &may);
    Group { sight, id, scope }
}

fn codes(outcome: Result<impl std::fmt::Debug, DispatchError>) -> Vec<(String, &'static str)> {
    let Err(DispatchError::Invalid(invalid)) = outcome else { panic!("{outcome:?} is not invalid") };
    invalid.errors.into_iter().map(|error| (error.pointer, error.code)).collect()
}

fn assign(vehicle: Change<kernel::VehicleId>) -> ChangeRun {
    ChangeRun { duty: ChangeDuty { vehicle, ..ChangeDuty::default() }, ..ChangeRun::default() }
}

fn daily(f: &Fixture) -> CreateSeries {
    CreateSeries {
        depot: f.depot.id,
        block: "17".into(),
        recurrence: Recurrence {
            weekdays: Weekdays::ALL,
            departure: "05:00".parse().unwrap(),
            length: Length::Minutes(60),
            from: hours(0).date_naive(),
            until: None,
            except: [].into(),
        },
        duty: Duty { vehicle: Some(f.vehicle.id), ..Duty::default() },
    }
}

#[test]
fn a_run_outside_is_absent() {
    let (f, page) = (fixture(), PageRequest::default());
    let g = group(&f);
    let run = block_on(f.dispatch.run_create(&f.scope, a_run(&f, "1", 1))).unwrap();
    let (series, _) = block_on(f.dispatch.series_create(&f.scope, daily(&f))).unwrap();
    assert!(matches!(block_on(f.dispatch.run_get(&g.scope, run.id)), Err(DispatchError::NoSuchRun)));
    let changed = block_on(f.dispatch.run_change(&g.scope, run.id, None, ChangeRun::default()));
    assert!(matches!(changed, Err(DispatchError::NoSuchRun)));
    assert!(matches!(block_on(f.dispatch.run_depart(&g.scope, run.id, None)), Err(DispatchError::NoSuchRun)));
    assert!(matches!(block_on(f.dispatch.run_cancel(&g.scope, run.id)), Err(DispatchError::NoSuchRun)));
    assert!(matches!(block_on(f.dispatch.run_delete(&g.scope, run.id, None)), Err(DispatchError::NoSuchRun)));
    assert!(block_on(f.dispatch.run_list(&g.scope, &RunFilter::default(), page)).unwrap().items.is_empty());
    let gone = block_on(f.dispatch.series_delete(&g.scope, series.id, None));
    assert!(matches!(gone, Err(DispatchError::NoSuchSeries)));
    let listed = block_on(f.dispatch.series_list(&g.scope, &SeriesFilter::default(), page)).unwrap();
    assert!(listed.items.is_empty());
    let stands = block_on(f.dispatch.readiness_at(&g.scope, f.depot.id, None, None));
    assert!(matches!(stands, Err(DispatchError::NoSuchDepot)));

    g.sight.put(g.id, run.id);
    g.sight.put(g.id, series.id);
    g.sight.put(g.id, f.depot.id);
    assert_eq!(block_on(f.dispatch.run_get(&g.scope, run.id)).unwrap(), run);
    let listed = block_on(f.dispatch.run_list(&g.scope, &RunFilter::default(), page)).unwrap();
    assert_eq!(listed.items, [run]);
    assert_eq!(block_on(f.dispatch.series_get(&g.scope, series.id)).unwrap().id, series.id);
    let stands = block_on(f.dispatch.readiness_at(&g.scope, f.depot.id, None, None)).unwrap();
    assert!(stands.counts[&ReadinessState::AtRisk] >= 1);
}

#[test]
fn what_lies_outside_is_given_to_no_run() {
    let f = fixture();
    let g = group(&f);
    let unknown_depot = || vec![("/depot_id".to_owned(), "unknown_depot")];
    let unknown_vehicle = || vec![("/vehicle_id".to_owned(), "unknown_vehicle")];
    assert_eq!(codes(block_on(f.dispatch.run_create(&g.scope, a_run(&f, "1", 1)))), unknown_depot());
    assert_eq!(codes(block_on(f.dispatch.series_create(&g.scope, daily(&f)))), unknown_depot());
    let time = (hours(0), hours(9));
    assert_eq!(codes(block_on(f.dispatch.suggestions(&g.scope, f.depot.id, time, None))), unknown_depot());

    g.sight.put(g.id, f.depot.id);
    assert_eq!(codes(block_on(f.dispatch.run_create(&g.scope, a_run(&f, "1", 1)))), unknown_vehicle());
    assert_eq!(codes(block_on(f.dispatch.series_create(&g.scope, daily(&f)))), unknown_vehicle());
    let named = Some(vec![f.vehicle.id]);
    let told = codes(block_on(f.dispatch.suggestions(&g.scope, f.depot.id, time, named)));
    assert_eq!(told, [("/vehicle_ids/0".to_owned(), "unknown_vehicle")]);
    let nobody = CreateRun { duty: Duty::default(), ..a_run(&f, "1", 1) };
    let run = block_on(f.dispatch.run_create(&g.scope, nobody)).unwrap();
    g.sight.put(g.id, run.id);
    let given = || block_on(f.dispatch.run_change(&g.scope, run.id, None, assign(Change::Set(f.vehicle.id))));
    assert_eq!(codes(given()), unknown_vehicle());
    g.sight.put(g.id, f.vehicle.id);
    assert_eq!(given().unwrap().vehicle, Some(f.vehicle.id));
    let elsewhere = ChangeRun { depot: Some(f.ids.uuid().into()), ..ChangeRun::default() };
    assert_eq!(codes(block_on(f.dispatch.run_change(&g.scope, run.id, None, elsewhere))), unknown_depot());
}

#[test]
fn a_file_knows_only_depots_and_vehicles_within() {
    let f = fixture();
    let g = group(&f);
    let other = Vehicle { depot: None, ..bus(&*f.ids, f.scope.organisation(), "2") };
    block_on(f.store.add_vehicle(&other));
    let text = "depot,service_date,block,departure_at,arrival_at,vehicle\n\
        A,2026-03-03,1,05:00,06:00,1\nA,2026-03-03,2,05:00,06:00,2\n";
    let told = || {
        let report = block_on(f.dispatch.runs_import(&g.scope, Format::Csv, text.as_bytes(), false)).unwrap();
        let codes: Vec<_> = report.errors.iter().map(|error| (error.row, error.code)).collect();
        (report.created, codes)
    };
    assert_eq!(told(), (0, vec![(1, "unknown_depot"), (2, "unknown_depot")]));
    g.sight.put(g.id, f.depot.id);
    g.sight.put(g.id, f.vehicle.id);
    assert_eq!(told(), (0, vec![(2, "unknown_vehicle")]));
    g.sight.put(g.id, other.id);
    assert_eq!(told(), (2, vec![]));
}

/// A run of a depot that they do not see is theirs by its vehicle: without one it would be out of
/// their sight.
#[test]
fn who_sees_a_run_by_its_vehicle_does_not_take_it_off() {
    let f = fixture();
    let g = group(&f);
    let run = block_on(f.dispatch.run_create(&f.scope, a_run(&f, "1", 1))).unwrap();
    let (series, _) = block_on(f.dispatch.series_create(&f.scope, daily(&f))).unwrap();
    g.sight.put(g.id, run.id);
    g.sight.put(g.id, series.id);
    g.sight.put(g.id, f.vehicle.id);
    let freed = || block_on(f.dispatch.run_change(&g.scope, run.id, None, assign(Change::Clear)));
    let required = vec![("/vehicle_id".to_owned(), "required")];
    assert_eq!(codes(freed()), required);
    let change = || dispatch::ChangeSeries { duty: assign(Change::Clear).duty, ..Default::default() };
    let series_freed = || block_on(f.dispatch.series_change(&g.scope, series.id, None, change()));
    assert_eq!(codes(series_freed()), required);
    let renamed = ChangeRun { block: Some("one".into()), ..ChangeRun::default() };
    assert!(block_on(f.dispatch.run_change(&g.scope, run.id, None, renamed)).is_ok());
    g.sight.put(g.id, f.depot.id);
    assert_eq!(freed().unwrap().vehicle, None);
    assert_eq!(series_freed().unwrap().0.duty.vehicle, None);
}
