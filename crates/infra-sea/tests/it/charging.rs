//! Setpoints and allocations are kept whole, and nobody else's are seen.

use std::sync::Arc;

use charge_point::{ChargePointReader, ChargePointTx, CommandReader, testing::charger_at};
use charging::{
    ChargingError, ChargingTx, ControlService, DepotAllocation, NodeUse, PlanUse, Setpoint, SetpointReader,
    overrides::{KnownTargets, OverrideTarget, testing::contract},
};
use depot::DepotTx;
use infra_sea::Sea;
use kernel::{Begin, Clock, DepotId, FenceSource, IdSource, OrganisationId, W, testing::CountingIds};
use vehicle::{VehicleTx, testing::bus};

use crate::{Fixture, on_both_engines};

on_both_engines!(
    what_the_control_knows_is_kept,
    who_is_fenced_off_orders_nothing,
    overrides_keep_the_contract,
    what_an_override_names_must_be_ours,
);

async fn save(sea: &Sea, setpoints: &[Setpoint], allocation: &DepotAllocation, organisation: OrganisationId) {
    let mut tx = Begin::<dyn ChargingTx>::begin(sea).await.unwrap();
    tx.setpoints().setpoints_save(setpoints).await.unwrap();
    tx.setpoints().allocation_save(organisation, allocation).await.unwrap();
    tx.commit().await.unwrap();
}

async fn what_the_control_knows_is_kept(fixture: &Fixture) {
    let (sea, ids, now) = (&*fixture.sea, CountingIds::default(), fixture.clock.now());
    let (organisation, depot): (OrganisationId, DepotId) = (ids.uuid().into(), ids.uuid().into());
    let charge_point = ids.uuid().into();
    let mut first = Setpoint::unset(ids.uuid().into(), organisation, depot, charge_point);
    let second = Setpoint::unset(ids.uuid().into(), organisation, depot, charge_point);
    let node = NodeUse {
        circuit: ids.uuid().into(),
        limit: Some(W(400_000)),
        usable: None,
        used: W(1),
        measured: W(2),
        unmanaged: W(3),
    };
    let mut allocation = DepotAllocation {
        depot,
        computed_at: now,
        plan_use: PlanUse::Outdated,
        plan_computed_at: Some(now),
        evses: Vec::new(),
        circuits: vec![node],
    };
    save(sea, &[first.clone(), second.clone()], &allocation, organisation).await;
    assert_eq!(sea.setpoints_of(organisation, depot).await.unwrap(), [first.clone(), second.clone()]);
    assert_eq!(sea.allocation_of(organisation, depot).await.unwrap(), Some(allocation.clone()));

    // What is saved again takes the place of what was; the rest stays.
    first.confirmed = Some(W(22_000));
    first.ordered(W(11_000), vec![ids.uuid().into()], now);
    allocation.circuits.clear();
    save(sea, std::slice::from_ref(&first), &allocation, organisation).await;
    assert_eq!(sea.setpoints_of(organisation, depot).await.unwrap(), [first, second]);
    assert_eq!(sea.allocation_of(organisation, depot).await.unwrap(), Some(allocation));

    let stranger: OrganisationId = ids.uuid().into();
    assert!(sea.setpoints_of(stranger, depot).await.unwrap().is_empty());
    assert_eq!(sea.allocation_of(stranger, depot).await.unwrap(), None);
}

async fn overrides_keep_the_contract(fixture: &Fixture) {
    contract::holds(&*fixture.sea).await;
}

async fn what_an_override_names_must_be_ours(fixture: &Fixture) {
    let (sea, ids) = (&fixture.sea, CountingIds::default());
    let (organisation, depot) = yard(fixture, &ids).await;
    let chargers = sea.charge_points_of_depot(organisation, depot).await.unwrap();
    let vehicle = bus(&ids, organisation, "1");
    let mut tx = Begin::<dyn VehicleTx>::begin(&**sea).await.unwrap();
    tx.vehicles().vehicle_insert(&vehicle).await.unwrap();
    tx.commit().await.unwrap();
    let stranger: OrganisationId = ids.uuid().into();
    for target in [
        OverrideTarget::ChargePoint(chargers[0].id),
        OverrideTarget::Evse(chargers[0].evses[0].id),
        OverrideTarget::Vehicle(vehicle.id),
    ] {
        assert!(sea.override_target_known(&organisation.into(), target).await.unwrap(), "{target:?}");
        assert!(!sea.override_target_known(&stranger.into(), target).await.unwrap(), "{target:?}");
    }
    for target in [
        OverrideTarget::ChargePoint(ids.uuid().into()),
        OverrideTarget::Evse(ids.uuid().into()),
        OverrideTarget::Vehicle(ids.uuid().into()),
    ] {
        assert!(!sea.override_target_known(&organisation.into(), target).await.unwrap(), "{target:?}");
    }
}

/// A depot under a grid connection, with one charger that is connected.
async fn yard(fixture: &Fixture, ids: &CountingIds) -> (OrganisationId, DepotId) {
    let home = depot::testing::depot(ids, ids.uuid().into(), "D-1");
    let grid = depot::testing::circuit(ids, &home, None);
    let mut tx = Begin::<dyn DepotTx>::begin(&*fixture.sea).await.unwrap();
    tx.depots().depot_insert(&home).await.unwrap();
    tx.circuits().circuit_insert(&grid).await.unwrap();
    tx.commit().await.unwrap();
    let mut charger = charger_at(ids, home.organisation, home.id, "CP-1");
    charger.live.online = true;
    let mut tx = Begin::<dyn ChargePointTx>::begin(&*fixture.sea).await.unwrap();
    tx.charge_points().charge_point_insert(&charger).await.unwrap();
    tx.charger_state().charge_point_update_live(&charger).await.unwrap();
    tx.commit().await.unwrap();
    (home.organisation, home.id)
}

async fn who_is_fenced_off_orders_nothing(fixture: &Fixture) {
    let (sea, ids) = (&fixture.sea, Arc::new(CountingIds::default()));
    let (organisation, depot) = yard(fixture, &ids).await;
    let control = ControlService::new(sea.clone(), fixture.clock.clone(), ids.clone());
    let waiting = async || sea.commands_waiting().await.unwrap().len();

    let before = sea.fence_next("control").await.unwrap();
    let latest = sea.fence_next("control").await.unwrap();
    let refused = control.tick(organisation, depot, &before).await;
    assert!(matches!(refused, Err(ChargingError::Fenced)), "{refused:?}");
    assert_eq!(waiting().await, 0);
    assert!(sea.allocation_of(organisation, depot).await.unwrap().is_none());

    let ticked = control.tick(organisation, depot, &latest).await.unwrap();
    assert!(ticked.orders > 0 && waiting().await == 1, "the same step has orders to give: {ticked:?}");
}
