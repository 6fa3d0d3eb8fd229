//! The contract of dispatch, and that no vehicle is on two runs however many assign it at once.

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use chrono::TimeDelta;
use depot::{Depot, DepotTx};
use dispatch::{
    ChangeDuty, ChangeRun, CreateRun, CreateSeries, DispatchError, DispatchService, Duty, Format, Length,
    Readiness, Recurrence, RunFilter, RunsAhead,
    testing::{Yard, contract, hours},
};
use kernel::{Begin, Change, IdSource, PageRequest, Scope, Weekdays, testing::CountingIds};
use sea_orm::{ConnectionTrait, Database, DbBackend, Statement, TransactionTrait};
use vehicle::{Vehicle, VehicleTx, testing::bus};

use crate::{Fixture, on_both_engines};

on_both_engines!(
    keeps_the_contract,
    of_many_who_assign_a_vehicle_one_does,
    a_vehicle_that_goes_leaves_its_runs,
    of_many_who_make_runs_ahead_one_does,
    a_large_file_is_taken_whole,
    files_and_people_never_overlap,
    a_page_of_runs_is_read_along_an_index,
);

#[async_trait]
impl Yard for Fixture {
    async fn add_depot(&self, depot: &Depot) {
        let mut tx = Begin::<dyn DepotTx>::begin(&*self.sea).await.unwrap();
        tx.depots().depot_insert(depot).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn add_vehicle(&self, vehicle: &Vehicle) {
        let mut tx = Begin::<dyn VehicleTx>::begin(&*self.sea).await.unwrap();
        tx.vehicles().vehicle_insert(vehicle).await.unwrap();
        tx.commit().await.unwrap();
    }
}

async fn keeps_the_contract(fixture: &Fixture) {
    contract::holds(&*fixture.sea, fixture).await;
}

/// A service over the store, a depot and a vehicle.
async fn furnished(fixture: &Fixture) -> (Arc<DispatchService>, Scope, Depot, Vehicle) {
    furnished_with(fixture, Arc::new(CountingIds::default())).await
}

async fn furnished_with(
    fixture: &Fixture,
    ids: Arc<CountingIds>,
) -> (Arc<DispatchService>, Scope, Depot, Vehicle) {
    let scope = Scope::system(ids.uuid().into());
    let depot = depot::testing::depot(&ids, scope.organisation(), "A");
    let vehicle = bus(&*ids, scope.organisation(), "1");
    fixture.add_depot(&depot).await;
    fixture.add_vehicle(&vehicle).await;
    let service = DispatchService::new(fixture.sea.clone(), fixture.clock.clone(), ids);
    (Arc::new(service), scope, depot, vehicle)
}

fn a_run(depot: &Depot, block: usize, vehicle: Option<&Vehicle>) -> CreateRun {
    CreateRun {
        depot: depot.id,
        service_date: None,
        block: block.to_string(),
        departure_at: hours(1),
        arrival_at: hours(3),
        duty: Duty { vehicle: vehicle.map(|vehicle| vehicle.id), ..Duty::default() },
    }
}

async fn of_many_who_assign_a_vehicle_one_does(fixture: &Fixture) {
    let (service, scope, depot, vehicle) = furnished(fixture).await;
    let mut working = Vec::new();
    for block in 0..8 {
        let (service, scope) = (service.clone(), scope.clone());
        let (with, without) = (a_run(&depot, block, Some(&vehicle)), a_run(&depot, block, None));
        let take = ChangeDuty { vehicle: Change::Set(vehicle.id), ..ChangeDuty::default() };
        working.push(tokio::spawn(async move {
            // Half of them make a run with the vehicle, half give it to a run they have made.
            if block % 2 == 0 {
                return service.run_create(&scope, with).await;
            }
            let run = service.run_create(&scope, without).await?;
            let change = ChangeRun { duty: take, ..ChangeRun::default() };
            service.run_change(&scope, run.id, None, change).await
        }));
    }
    let (mut took, mut overlapped) = (Vec::new(), 0);
    for work in working {
        match work.await.unwrap() {
            Ok(run) => took.push(run),
            Err(DispatchError::Overlap(_)) => overlapped += 1,
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!((took.len(), overlapped), (1, 7));
    let of_vehicle = RunFilter { vehicle: Some(vehicle.id), ..RunFilter::default() };
    let stored = service.run_list(&scope, &of_vehicle, PageRequest::default()).await.unwrap();
    assert_eq!(stored.items, took);
}

async fn a_vehicle_that_goes_leaves_its_runs(fixture: &Fixture) {
    let (service, scope, depot, vehicle) = furnished(fixture).await;
    let run = service.run_create(&scope, a_run(&depot, 1, Some(&vehicle))).await.unwrap();
    let mut tx = Begin::<dyn VehicleTx>::begin(&*fixture.sea).await.unwrap();
    tx.vehicles().vehicle_delete(scope.organisation(), vehicle.id, vehicle.version).await.unwrap();
    tx.commit().await.unwrap();
    let left = service.run_get(&scope, run.id).await.unwrap();
    assert_eq!((left.vehicle, left.readiness), (None, Readiness::unjudged(false)));
}

async fn of_many_who_make_runs_ahead_one_does(fixture: &Fixture) {
    let ids = Arc::new(CountingIds::default());
    let (service, scope, depot, vehicle) = furnished_with(fixture, ids.clone()).await;
    let command = CreateSeries {
        depot: depot.id,
        block: "17".into(),
        recurrence: Recurrence {
            weekdays: Weekdays::ALL,
            departure: "05:00".parse().unwrap(),
            length: Length::Minutes(60),
            from: hours(0).date_naive(),
            until: None,
            except: BTreeSet::new(),
        },
        duty: Duty { vehicle: Some(vehicle.id), ..Duty::default() },
    };
    let (series, made) = service.series_create(&scope, command).await.unwrap();
    assert_eq!(made.created, 15);
    fixture.clock.advance(TimeDelta::hours(76));
    let ahead = Arc::new(RunsAhead::new(fixture.sea.clone(), fixture.clock.clone(), ids));
    let mut working = Vec::new();
    for _ in 0..4 {
        let ahead = ahead.clone();
        working.push(tokio::spawn(async move { ahead.make().await.unwrap() }));
    }
    let mut created = 0;
    for work in working {
        let done = work.await.unwrap();
        assert!(done.failed.is_empty(), "{:?}", done.failed);
        created += done.made.created;
    }
    assert_eq!(created, 3);
    let of_series = RunFilter { series: Some(series.id), ..RunFilter::default() };
    let all = service.run_list(&scope, &of_series, PageRequest::default()).await.unwrap();
    assert_eq!(all.items.len(), 18);
    assert!(all.items.iter().all(|run| run.vehicle == Some(vehicle.id)));
    service.series_delete(&scope, series.id, None).await.unwrap();
    let left = service.run_list(&scope, &RunFilter::default(), PageRequest::default()).await.unwrap();
    assert_eq!(left.items.len(), 3, "what has left stays");
    assert!(left.items.iter().all(|run| run.series.is_none()));
}

async fn a_large_file_is_taken_whole(fixture: &Fixture) {
    let (service, scope, _, vehicle) = furnished(fixture).await;
    let header = "depot,service_date,block,departure_at,arrival_at,vehicle\n";
    let text = (0..2_500).fold(header.to_owned(), |text, block| {
        // One of them by the vehicle.
        let vehicle = if block == 2_499 { vehicle.fleet_number.as_str() } else { "" };
        text + &format!("A,2026-03-0{},{block},05:00,07:00,{vehicle}\n", 3 + block % 7)
    });
    let taken = service.runs_import(&scope, Format::Csv, text.as_bytes(), false).await.unwrap();
    assert_eq!((taken.errors.as_slice(), taken.created), (&[][..], 2_500));
    let again = service.runs_import(&scope, Format::Csv, text.as_bytes(), false).await.unwrap();
    assert_eq!((again.created, again.updated, again.unchanged), (0, 0, 2_500));
    let later = text.replace(",07:00,", ",07:30,");
    let later = service.runs_import(&scope, Format::Csv, later.as_bytes(), false).await.unwrap();
    assert_eq!((later.created, later.updated, later.unchanged), (0, 2_500, 0));
    let of_vehicle = RunFilter { vehicle: Some(vehicle.id), ..RunFilter::default() };
    let found = service.run_list(&scope, &of_vehicle, PageRequest::default()).await.unwrap();
    assert_eq!((found.items.len(), found.items[0].version.0), (1, 2));
}

async fn files_and_people_never_overlap(fixture: &Fixture) {
    let (service, scope, depot, vehicle) = furnished(fixture).await;
    let mut working = Vec::new();
    for block in 0..6 {
        let (service, scope) = (service.clone(), scope.clone());
        let by_hand = a_run(&depot, block, Some(&vehicle));
        let header = "depot,service_date,block,departure_at,arrival_at,vehicle\n";
        let text = format!("{header}A,2026-03-02,{block},10:00,12:00,{}\n", vehicle.fleet_number);
        working.push(tokio::spawn(async move {
            if block % 2 == 0 {
                return service.run_create(&scope, by_hand).await.is_ok();
            }
            let report = service.runs_import(&scope, Format::Csv, text.as_bytes(), false).await.unwrap();
            report.created == 1
        }));
    }
    let mut taken = 0;
    for work in working {
        taken += usize::from(work.await.unwrap());
    }
    assert_eq!(taken, 1);
}

async fn a_page_of_runs_is_read_along_an_index(fixture: &Fixture) {
    let database = Database::connect(fixture._database.url()).await.unwrap();
    let reading = database.begin().await.unwrap();
    let postgres = reading.get_database_backend() == DbBackend::Postgres;
    let explain = if postgres { "EXPLAIN" } else { "EXPLAIN QUERY PLAN" };
    if postgres {
        // Of an empty table it would read everything and sort it.
        reading
            .execute_unprepared("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
            .await
            .unwrap();
        reading.execute_unprepared("SET LOCAL enable_bitmapscan = off").await.unwrap();
    }
    let id = if postgres { "'00000000-0000-0000-0000-000000000000'" } else { "x'00'" };
    for of in ["organisation_id", "depot_id", "vehicle_id"] {
        let query =
            format!("{explain} SELECT * FROM run WHERE {of} = {id} ORDER BY departure_at, id LIMIT 501");
        let rows = reading.query_all_raw(Statement::from_string(reading.get_database_backend(), query)).await;
        let column = if postgres { "QUERY PLAN" } else { "detail" };
        let plan: Vec<String> = rows.unwrap().iter().map(|row| row.try_get("", column).unwrap()).collect();
        let plan = plan.join("\n");
        assert!(plan.contains(&format!("ix_run__{of}__departure_at__id")), "{plan}");
        assert!(!plan.contains("Sort") && !plan.contains("TEMP B-TREE"), "{plan}");
    }
}
