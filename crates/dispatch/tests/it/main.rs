//! The use cases of dispatch over the store in memory.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod imports;
mod reach;
mod readiness;
mod runs;
mod series;
mod suggestions;

use std::sync::Arc;

use depot::Depot;
use dispatch::{
    CreateRun, DispatchService, Duty,
    testing::{FakeDispatch, Yard, contract, hours},
};
use futures::executor::block_on;
use kernel::{
    IdSource, OrganisationId, Scope,
    testing::{CountingIds, FakeClock},
};
use vehicle::{Vehicle, testing::bus};

#[test]
fn the_fake_keeps_the_contract() {
    let store = FakeDispatch::default();
    block_on(contract::holds(&store, &store));
}

pub(crate) struct Fixture {
    pub(crate) store: FakeDispatch,
    pub(crate) dispatch: DispatchService,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) ids: Arc<CountingIds>,
    pub(crate) scope: Scope,
    pub(crate) depot: Depot,
    pub(crate) vehicle: Vehicle,
}

/// A depot in Berlin with one bus.
pub(crate) fn fixture() -> Fixture {
    let (store, clock) = (FakeDispatch::default(), Arc::new(FakeClock::default()));
    let ids = Arc::new(CountingIds::default());
    let scope = Scope::system(OrganisationId::from(ids.uuid()));
    let depot = depot::testing::depot(&ids, scope.organisation(), "A");
    let vehicle = Vehicle { depot: Some(depot.id), ..bus(&*ids, scope.organisation(), "1") };
    block_on(store.add_depot(&depot));
    block_on(store.add_vehicle(&vehicle));
    let dispatch = DispatchService::new(Arc::new(store.clone()), clock.clone(), ids.clone());
    Fixture { store, dispatch, clock, ids, scope, depot, vehicle }
}

/// Two hours from `hour` hours after the usual instant, by the fixture's bus.
pub(crate) fn a_run(f: &Fixture, block: &str, hour: i64) -> CreateRun {
    CreateRun {
        depot: f.depot.id,
        service_date: None,
        block: block.to_owned(),
        departure_at: hours(hour),
        arrival_at: hours(hour + 2),
        duty: Duty { vehicle: Some(f.vehicle.id), ..Duty::default() },
    }
}
