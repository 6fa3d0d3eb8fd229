//! The contract of dispatch, and that no vehicle is on two runs however many assign it at once.

use std::sync::Arc;

use async_trait::async_trait;
use depot::{Depot, DepotTx};
use dispatch::{
    ChangeDuty, ChangeRun, CreateRun, DispatchError, DispatchService, Duty, Readiness, RunFilter,
    testing::{Yard, contract, hours},
};
use kernel::{Begin, Change, IdSource, PageRequest, Scope, testing::CountingIds};
use vehicle::{Vehicle, VehicleTx, testing::bus};

use crate::{Fixture, on_both_engines};

on_both_engines!(
    keeps_the_contract,
    of_many_who_assign_a_vehicle_one_does,
    a_vehicle_that_goes_leaves_its_runs
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
    let ids = Arc::new(CountingIds::default());
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
