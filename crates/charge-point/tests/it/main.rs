//! The use cases of charge points and orders over the store in memory.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod charge_points;
mod commands;
mod recording;
mod uptime;

use std::sync::Arc;

use charge_point::{
    ChargePoint, ChargePointService, ChargePointTx, ChargerRef, CommandQueue, CommandService,
    CreateChargePoint, Recorder,
    testing::{FakeChargePoints, contract, contract_uptime},
};
use futures::executor::block_on;
use kernel::{
    Actor, Begin, DepotId, IdSource, OrganisationId, Permission, Scope, W,
    testing::{CountingIds, FakeClock, PlainHasher},
};

#[test]
fn the_fake_keeps_the_contract() {
    let store = FakeChargePoints::default();
    block_on(contract::holds(&store, &store));
    block_on(contract_uptime::holds(&FakeChargePoints::default()));
}

struct Fixture {
    store: FakeChargePoints,
    charge_points: ChargePointService,
    commands: CommandService,
    queue: CommandQueue,
    recorder: Recorder,
    clock: Arc<FakeClock>,
    ids: Arc<CountingIds>,
    depot: DepotId,
    scope: Scope,
}

fn fixture() -> Fixture {
    let store = FakeChargePoints::default();
    let (clock, ids) = (Arc::new(FakeClock::default()), Arc::new(CountingIds::default()));
    let shared = Arc::new(store.clone());
    let organisation = OrganisationId::from(ids.uuid());
    let depot = ids.uuid().into();
    store.add_depot(organisation, depot);
    let all = Permission::ALL.iter().copied().collect();
    let scope = Scope::new(organisation, Actor::User(ids.uuid().into()), all);
    Fixture {
        charge_points: ChargePointService::new(
            shared.clone(),
            Arc::new(PlainHasher),
            clock.clone(),
            ids.clone(),
        ),
        commands: CommandService::new(shared.clone(), clock.clone(), ids.clone()),
        queue: CommandQueue::new(shared, clock.clone(), ids.clone()),
        recorder: Recorder::new(clock.clone(), ids.clone()),
        store,
        clock,
        ids,
        depot,
        scope,
    }
}

impl Fixture {
    /// The same caller with these permissions only.
    fn only(&self, permissions: &[Permission]) -> Scope {
        Scope::new(self.scope.organisation(), self.scope.actor(), permissions.iter().copied().collect())
    }

    fn stranger(&self) -> Scope {
        Scope::system(self.ids.uuid().into())
    }

    /// A created charge point of 22 kW.
    fn charger(&self, identity: &str) -> ChargePoint {
        let command = CreateChargePoint::new(identity, self.depot, W(22_000));
        block_on(self.charge_points.charge_point_create(&self.scope, command)).unwrap()
    }

    fn stored(&self, charge_point: &ChargePoint) -> ChargePoint {
        block_on(self.charge_points.charge_point_get(&self.scope, charge_point.id)).unwrap()
    }

    fn reference(&self, charge_point: &ChargePoint) -> ChargerRef {
        ChargerRef { organisation: charge_point.organisation, charge_point: charge_point.id }
    }

    fn work(&self) -> Box<dyn ChargePointTx> {
        block_on(Begin::<dyn ChargePointTx>::begin(&self.store)).unwrap()
    }
}
