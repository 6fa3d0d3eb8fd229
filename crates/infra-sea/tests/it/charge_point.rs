//! The contract of charge points and orders, and what holds while many work at once.

use std::{collections::BTreeSet, sync::Arc};

use crate::{Fixture, on_both_engines};
use async_trait::async_trait;
use charge_point::{
    ChargePoint, ChargePointReader, ChargePointTx, ChargePointWork, ChargerRef, CommandKind, CommandQueue,
    CommandService, ConnectorStatus, Generation, Protocol, Recorder, RequestCommand, StatusMessage,
    testing::{
        charger_at,
        contract::{self, Ground},
        contract_uptime,
    },
};
use depot::{Circuit, Depot, DepotTx, Zone};
use infra_sea::Sea;
use kernel::{
    Begin, CircuitId, DepotId, IdSource, OrganisationId, Scope, StoreError, Version, ZoneId,
    testing::CountingIds,
};

on_both_engines!(
    keeps_the_contract,
    an_order_is_taken_once_however_many_dispatchers_there_are,
    an_identity_is_given_once_however_many_want_it,
    chargers_and_orders_do_not_stand_in_each_others_way,
);

async fn keeps_the_contract(fixture: &Fixture) {
    contract::holds(&*fixture.sea, &Grounds(&fixture.sea)).await;
    contract_uptime::holds(&*fixture.sea).await;
}

/// Charge points in one depot.
async fn chargers(fixture: &Fixture, ids: &CountingIds, count: usize) -> Vec<ChargePoint> {
    let (organisation, depot) = (ids.uuid().into(), ids.uuid().into());
    Grounds(&fixture.sea).lay(organisation, depot, ids.uuid().into(), ids.uuid().into()).await;
    let mut chargers = Vec::new();
    let mut tx = Begin::<dyn ChargePointTx>::begin(&*fixture.sea).await.unwrap();
    for number in 0..count {
        let charger = charger_at(ids, organisation, depot, &format!("CP-{number}"));
        tx.charge_points().charge_point_insert(&charger).await.unwrap();
        chargers.push(charger);
    }
    tx.commit().await.unwrap();
    chargers
}

fn reference(charger: &ChargePoint) -> ChargerRef {
    ChargerRef { organisation: charger.organisation, charge_point: charger.id }
}

async fn an_order_is_taken_once_however_many_dispatchers_there_are(fixture: &Fixture) {
    const ORDERS: usize = 20;
    let ids = Arc::new(CountingIds::default());
    let charger = chargers(fixture, &ids, 1).await.remove(0);
    let scope = Scope::system(charger.organisation);
    let commands = CommandService::new(fixture.sea.clone(), fixture.clock.clone(), ids.clone());
    for _ in 0..ORDERS {
        let order = RequestCommand::new(charger.id, CommandKind::ClearCache);
        commands.command_request(&scope, order).await.unwrap();
    }
    let dispatchers: Vec<_> = (0..4)
        .map(|_| {
            let queue = CommandQueue::new(fixture.sea.clone(), fixture.clock.clone(), ids.clone());
            let charger = reference(&charger);
            tokio::spawn(async move {
                let mut taken = Vec::new();
                while !queue.waiting().await.unwrap().is_empty() {
                    // Nothing may be left for this one, although there was when it looked.
                    taken.extend(queue.take(charger).await.unwrap().map(|command| command.id));
                }
                taken
            })
        })
        .collect();
    let mut taken = Vec::new();
    for dispatcher in dispatchers {
        taken.extend(dispatcher.await.unwrap());
    }
    assert_eq!(taken.len(), ORDERS);
    assert_eq!(taken.into_iter().collect::<BTreeSet<_>>().len(), ORDERS);
}

async fn an_identity_is_given_once_however_many_want_it(fixture: &Fixture) {
    let ids = CountingIds::default();
    let known = chargers(fixture, &ids, 1).await.remove(0);
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let charger = charger_at(&ids, known.organisation, known.depot, "CP-wanted");
            let sea = fixture.sea.clone();
            tokio::spawn(async move {
                let mut tx = Begin::<dyn ChargePointTx>::begin(&*sea).await.unwrap();
                match tx.charge_points().charge_point_insert(&charger).await {
                    Ok(()) => {
                        tx.commit().await.unwrap();
                        1
                    }
                    Err(StoreError::Duplicate { .. }) => 0,
                    Err(other) => panic!("{other:?}"),
                }
            })
        })
        .collect();
    let mut given = 0;
    for task in tasks {
        given += task.await.unwrap();
    }
    assert_eq!(given, 1);
}

/// A router records the reports of many chargers in one unit of work while a control loop gives
/// orders to the same chargers the other way round.
async fn chargers_and_orders_do_not_stand_in_each_others_way(fixture: &Fixture) {
    let ids = Arc::new(CountingIds::default());
    let chargers = Arc::new(chargers(fixture, &ids, 8).await);
    let recorder = Recorder::new(fixture.clock.clone(), ids.clone());
    let reports = tokio::spawn({
        let (sea, chargers) = (fixture.sea.clone(), chargers.clone());
        async move {
            for round in 0..20 {
                let mut tx = Begin::<dyn ChargePointTx>::begin(&*sea).await.unwrap();
                let work: &mut dyn ChargePointWork = &mut *tx;
                for charger in chargers.iter().map(reference) {
                    recorder.opened(work, charger, Generation(round), Protocol::Ocpp16).await.unwrap();
                    let status =
                        if round % 2 == 0 { ConnectorStatus::Preparing } else { ConnectorStatus::Charging };
                    recorder.status(work, charger, StatusMessage::new(1, status)).await.unwrap();
                }
                tx.commit().await.unwrap();
            }
        }
    });
    let orders = tokio::spawn({
        let (sea, chargers, clock) = (fixture.sea.clone(), chargers.clone(), fixture.clock.clone());
        let scope = Scope::system(chargers[0].organisation);
        async move {
            for _ in 0..20 {
                let mut tx = Begin::<dyn charge_point::CommandTx>::begin(&*sea).await.unwrap();
                for charger in chargers.iter().rev() {
                    let (kind, key) = (CommandKind::ClearCache, Some("setpoint".to_owned()));
                    charge_point::request_command(&mut *tx, &*clock, &*ids, &scope, charger, kind, key)
                        .await
                        .unwrap();
                }
                tx.commit().await.unwrap();
            }
        }
    });
    reports.await.unwrap();
    orders.await.unwrap();
    for charger in &*chargers {
        let stored = fixture.sea.charge_point_get(charger.organisation, charger.id).await.unwrap().unwrap();
        assert_eq!((stored.live.online, stored.live.generation), (true, Generation(19)));
        assert!(stored.has_status(ConnectorStatus::Charging));
    }
}

/// Real depots, circuits and zones with the ids that the contract asks for.
struct Grounds<'a>(&'a Sea);

#[async_trait]
impl Ground for Grounds<'_> {
    async fn lay(&self, organisation: OrganisationId, depot: DepotId, circuit: CircuitId, zone: ZoneId) {
        let ids = CountingIds::default();
        let home = Depot { id: depot, ..depot::testing::depot(&ids, organisation, &depot.to_string()[..32]) };
        let root = Circuit { id: circuit, ..depot::testing::circuit(&ids, &home, None) };
        let zone = Zone {
            id: zone,
            organisation,
            depot,
            version: Version::FIRST,
            code: "Z".into(),
            name: "Zone".into(),
            created_at: home.created_at,
            updated_at: home.updated_at,
        };
        let mut tx = Begin::<dyn DepotTx>::begin(self.0).await.unwrap();
        tx.depots().depot_insert(&home).await.unwrap();
        tx.circuits().circuit_insert(&root).await.unwrap();
        tx.depots().zone_insert(&zone).await.unwrap();
        tx.commit().await.unwrap();
    }
}
