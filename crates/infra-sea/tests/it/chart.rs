//! The contract of charts, and that the sums of depots follow whatever becomes of their connectors'.

use std::collections::BTreeSet;

use async_trait::async_trait;
use charge_point::{ChargePointTx, testing::charger_at};
use charging::{PlanTx, PlannedSlot};
use chart::{
    ChartReader, Meter, QuarterSum, RunOutcome,
    testing::{Fact, ReadingFact, SessionFact, Yard, contract},
};
use chrono::TimeDelta;
use depot::{DepotTx, LoadReading};
use dispatch::{DispatchTx, Readiness, ReadinessState, Run, RunState, testing::run};
use kernel::{Begin, Clock, IdSource, OrganisationId, Timestamp, Wh, testing::CountingIds};
use transaction::{
    Metering, Quarter, QuarterStore, QuarterSums, Reading, ReadingContext, Transaction, TransactionNumber,
    TransactionPlace, TransactionState, TransactionTx,
};
use uuid::Uuid;
use vehicle::{VehicleTx, testing::bus};

use crate::{Fixture, on_both_engines};

on_both_engines!(keeps_the_contract, sums_of_depots_follow_their_connectors);

async fn keeps_the_contract(fixture: &Fixture) {
    let yard = Furnishing { fixture, ids: CountingIds::default() };
    // The ids of the contract are not to be met again.
    for _ in 0..1_000 {
        yard.ids.uuid();
    }
    contract::holds(&*fixture.sea, &yard).await;
}

struct Furnishing<'a> {
    fixture: &'a Fixture,
    ids: CountingIds,
}

#[async_trait]
impl Yard for Furnishing<'_> {
    async fn add(&self, fact: Fact) {
        let sea = &*self.fixture.sea;
        match fact {
            Fact::Depot(depot) => {
                let mut tx = Begin::<dyn DepotTx>::begin(sea).await.unwrap();
                tx.depots().depot_insert(&depot).await.unwrap();
                tx.commit().await.unwrap();
            }
            Fact::Circuit(circuit) => {
                let mut tx = Begin::<dyn DepotTx>::begin(sea).await.unwrap();
                tx.circuits().circuit_insert(&circuit).await.unwrap();
                tx.commit().await.unwrap();
            }
            Fact::Load { circuit, at, power } => {
                let mut tx = Begin::<dyn DepotTx>::begin(sea).await.unwrap();
                tx.circuits().load_append(circuit, &[LoadReading { at, power }]).await.unwrap();
                tx.commit().await.unwrap();
            }
            Fact::Charger(fact) => {
                let mut charger = charger_at(&self.ids, fact.organisation, fact.depot, &fact.name);
                (charger.id, charger.circuit, charger.max_power) = (fact.id, fact.circuit, fact.power);
                let mut tx = Begin::<dyn ChargePointTx>::begin(sea).await.unwrap();
                tx.charge_points().charge_point_insert(&charger).await.unwrap();
                tx.commit().await.unwrap();
            }
            Fact::Vehicle(fact) => {
                let mut vehicle = bus(&self.ids, fact.organisation, &fact.name);
                (vehicle.id, vehicle.depot, vehicle.target_soc) = (fact.id, fact.depot, fact.target);
                let mut tx = Begin::<dyn VehicleTx>::begin(sea).await.unwrap();
                tx.vehicles().vehicle_insert(&vehicle).await.unwrap();
                tx.commit().await.unwrap();
            }
            Fact::Quarter(fact) => {
                let sums = QuarterSums {
                    energy: fact.energy,
                    soc_last: fact.soc,
                    readings: 1,
                    ..QuarterSums::default()
                };
                let quarter = Quarter {
                    organisation: fact.organisation,
                    depot: fact.depot,
                    charge_point: fact.charge_point,
                    connector: fact.connector,
                    at: fact.at,
                    sums,
                };
                sea.quarters_save(&[quarter]).await.unwrap();
            }
            Fact::Session(fact) => {
                let mut tx = Begin::<dyn TransactionTx>::begin(sea).await.unwrap();
                tx.transactions().transaction_insert(&transaction(&fact)).await.unwrap();
                tx.commit().await.unwrap();
            }
            Fact::Reading(fact) => {
                let mut tx = Begin::<dyn TransactionTx>::begin(sea).await.unwrap();
                tx.transactions().readings_insert(&[reading(self.ids.uuid(), &fact)]).await.unwrap();
                tx.commit().await.unwrap();
            }
            Fact::Slot { organisation, depot, at, power } => {
                let mut tx = Begin::<dyn PlanTx>::begin(sea).await.unwrap();
                let slots = [PlannedSlot { at, planned: power }];
                tx.plans().planned_slots_save(organisation, depot, &slots).await.unwrap();
                tx.commit().await.unwrap();
            }
            Fact::Run { organisation, depot, service_date, outcome } => {
                let block = self.ids.uuid().to_string();
                let (state, readiness) = stored(outcome);
                let planned = Run {
                    service_date,
                    state,
                    readiness: Readiness { state: readiness, ..Readiness::default() },
                    ..run(&self.ids, organisation, depot, &block, 1)
                };
                let id = self.ids.uuid().into();
                let other = format!("no {block}");
                let cancelled = Run { id, block: other, state: RunState::Cancelled, ..planned.clone() };
                let mut tx = Begin::<dyn DispatchTx>::begin(sea).await.unwrap();
                tx.roster().runs_put(&[planned, cancelled]).await.unwrap();
                tx.commit().await.unwrap();
            }
        }
    }
}

fn stored(outcome: RunOutcome) -> (RunState, ReadinessState) {
    match outcome {
        RunOutcome::Departed => (RunState::Departed, ReadinessState::Departed),
        RunOutcome::Ready => (RunState::Planned, ReadinessState::Ready),
        RunOutcome::OnTrack => (RunState::Planned, ReadinessState::OnTrack),
        RunOutcome::AtRisk => (RunState::Planned, ReadinessState::AtRisk),
        RunOutcome::WillMiss => (RunState::Planned, ReadinessState::WillMiss),
        RunOutcome::Missed => (RunState::Departed, ReadinessState::Missed),
        RunOutcome::Unassigned => (RunState::Planned, ReadinessState::Unassigned),
    }
}

fn transaction(fact: &SessionFact) -> Transaction {
    let register = Wh(1_000);
    Transaction {
        id: fact.id,
        organisation: fact.organisation,
        number: TransactionNumber(0),
        place: TransactionPlace {
            charge_point: fact.charge_point,
            depot: fact.depot,
            evse: None,
            evse_number: 1,
            connector: fact.connector,
        },
        id_tag: None,
        vehicle: fact.vehicle,
        state: if fact.to.is_some() { TransactionState::Finished } else { TransactionState::Active },
        started_at: fact.from,
        stopped_at: fact.to,
        meter_start: register,
        meter_stop: fact.to.map(|_| register),
        energy: Wh::ZERO,
        soc_start: fact.soc.0,
        soc_end: fact.soc.1,
        stop_reason: None,
        flags: BTreeSet::new(),
        latest: None,
        metering: Metering { carried: Wh::ZERO, base: register, register: None },
        created_at: fact.from,
        updated_at: fact.from,
    }
}

fn reading(id: Uuid, fact: &ReadingFact) -> Reading {
    Reading {
        id,
        organisation: fact.organisation,
        charge_point: fact.charge_point,
        connector: fact.connector,
        transaction: fact.session,
        at: fact.at,
        context: ReadingContext::Periodic,
        energy: None,
        power: Some(fact.power),
        current: None,
        offered: None,
        voltage_millivolts: None,
        soc: fact.soc,
        rest: serde_json::Map::new(),
    }
}

async fn sums_of_depots_follow_their_connectors(fixture: &Fixture) {
    let (sea, ids) = (&*fixture.sea, CountingIds::default());
    let organisation: OrganisationId = ids.uuid().into();
    let [here, there] = [ids.uuid(), ids.uuid()].map(kernel::DepotId::from);
    let charge_point = ids.uuid().into();
    let at = fixture.clock.now();
    let save = async |connector, depot, energy| {
        let sums = QuarterSums { energy: Wh(energy), readings: 1, ..QuarterSums::default() };
        let quarter = Quarter { organisation, depot, charge_point, connector, at, sums };
        sea.quarters_save(&[quarter]).await.unwrap();
    };
    let found = async |depot| {
        let meter = Meter::Depot(depot);
        let until: Timestamp = at + TimeDelta::hours(1);
        let sums = sea.quarter_sums(organisation, &meter, at, until).await.unwrap();
        sums.into_iter()
            .map(|QuarterSum { energy, charging, .. }| (energy.get(), charging))
            .collect::<Vec<_>>()
    };
    save(1, here, 1_000).await;
    save(2, here, 500).await;
    assert_eq!(found(here).await, [(1_500, 2)]);
    // A late reading takes the place of what was known.
    save(2, here, 0).await;
    assert_eq!(found(here).await, [(1_000, 1)]);
    // A charger that is summed up anew after it was moved counts where it is.
    save(1, there, 1_200).await;
    save(2, there, 300).await;
    assert_eq!((found(here).await, found(there).await), (vec![], vec![(1_500, 2)]));
}
