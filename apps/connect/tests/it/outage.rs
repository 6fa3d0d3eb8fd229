//! What holds while nothing can be committed, and what an order looks like on the wire.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use charge_point::{
    ChargePointRepository, ChargerRef, ChargerStateRepository, ChargingProfile, CommandKind, CommandQueue,
    CommandRepository, CommandService, HasChargePoints, HasChargerState, HasCommands, LimitUnit, ProfileKind,
    ProfilePurpose, ProfileSchedule, Rate, RequestCommand,
};
use connect_router::{DeadLetterRepository, Dispatcher, HasDeadLetters, RouterTx};
use infra_sea::Sea;
use kernel::{
    AuditLog, Begin, Commit, HasAudit, HasOutbox, HasPositions, Outbox, Positions, Scope, StoreError,
};
use serde_json::json;
use transaction::{HasTransactions, TransactionRepository};
use vehicle::{HasIdTags, HasVehicles, IdTagRepository, VehicleRepository};

use crate::{
    client::Client,
    faults::{SOON, start, stop},
    on_both_engines,
    rig::{Rig, until},
};

on_both_engines!(a_stop_is_answered_only_when_it_is_stored, a_profile_begins_at_second_zero);

/// A real store whose commits fail while it is told so.
struct Failing {
    sea: Arc<Sea>,
    fails: Arc<AtomicBool>,
    refused: Arc<AtomicBool>,
}

struct FailingTx {
    tx: Box<dyn RouterTx>,
    fails: bool,
    refused: Arc<AtomicBool>,
}

#[async_trait]
impl Begin<dyn RouterTx> for Failing {
    async fn begin(&self) -> Result<Box<dyn RouterTx>, StoreError> {
        let tx = Begin::<dyn RouterTx>::begin(&*self.sea).await?;
        let fails = self.fails.load(Ordering::SeqCst);
        Ok(Box::new(FailingTx { tx, fails, refused: self.refused.clone() }))
    }
}

#[async_trait]
impl Commit for FailingTx {
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        if self.fails {
            self.refused.store(true, Ordering::SeqCst);
            return Err(StoreError::Unavailable("the disk is full".into()));
        }
        self.tx.commit().await
    }
}

macro_rules! passes_on {
    ($($holder:ident, $name:ident, $repository:ident;)*) => {
        $(impl $holder for FailingTx {
            fn $name(&mut self) -> &mut dyn $repository {
                self.tx.$name()
            }
        })*
    };
}

passes_on! {
    HasChargePoints, charge_points, ChargePointRepository;
    HasChargerState, charger_state, ChargerStateRepository;
    HasCommands, commands, CommandRepository;
    HasTransactions, transactions, TransactionRepository;
    HasVehicles, vehicles, VehicleRepository;
    HasIdTags, id_tags, IdTagRepository;
    HasDeadLetters, dead_letters, DeadLetterRepository;
    HasPositions, positions, Positions;
    HasOutbox, outbox, Outbox;
    HasAudit, audit, AuditLog;
}

/// 21.
async fn a_stop_is_answered_only_when_it_is_stored(mut rig: Rig) {
    let charger = rig.charger("CP-1").await;
    rig.tag("TAG").await;
    let (fails, refused) = (Arc::<AtomicBool>::default(), Arc::<AtomicBool>::default());
    let store = Failing { sea: rig.sea.clone(), fails: fails.clone(), refused: refused.clone() };
    rig.restart(Some(Arc::new(store))).await;
    let mut client = Client::open(&rig, "CP-1").await;
    let started = client.call("StartTransaction", &start(&rig, 1, "TAG", 0)).await;
    fails.store(true, Ordering::SeqCst);
    let id = client.send("StopTransaction", &stop(&rig, &started["transactionId"], 60, 1500)).await;
    until("a commit failed", async || refused.load(Ordering::SeqCst)).await;
    let early = tokio::time::timeout(std::time::Duration::from_millis(700), client.answer_frame(&id)).await;
    assert!(early.is_err(), "answered before it was stored: {early:?}");
    assert!(rig.transactions(&charger).await[0].is_open());
    fails.store(false, Ordering::SeqCst);
    client.answer(&id).await;
    let stored = rig.transactions(&charger).await;
    assert_eq!((stored.len(), stored[0].is_open(), stored[0].energy.0), (1, false, 500));
}

/// 20.
async fn a_profile_begins_at_second_zero(rig: Rig) {
    let charger = rig.charger("CP-1").await;
    let mut client = Client::open(&rig, "CP-1").await;
    client.call("Heartbeat", &json!({})).await;
    let mut schedule = ProfileSchedule::constant(LimitUnit::Amps, Rate::from_tenths(160), None);
    schedule.duration_seconds = Some(3_600);
    let mut later = schedule.periods[0];
    later.start_seconds = 900;
    schedule.periods.push(later);
    let profile = ChargingProfile {
        id: 1,
        stack_level: 0,
        purpose: ProfilePurpose::TxDefault,
        kind: ProfileKind::Relative,
        transaction: None,
        valid_from: None,
        valid_to: None,
        schedule,
    };
    let commands = CommandService::new(rig.sea.clone(), rig.clock.clone(), rig.ids.clone());
    let order = RequestCommand::new(charger.id, CommandKind::SetChargingProfile { connector: 1, profile });
    commands.command_request(&Scope::system(rig.organisation), order).await.unwrap();
    let queue = Arc::new(CommandQueue::new(rig.sea.clone(), rig.clock.clone(), rig.ids.clone()));
    let link = Arc::new(rig.gateway.clone());
    let dispatcher = Dispatcher::new(queue, rig.sea.clone(), link, SOON);
    let charger = ChargerRef { organisation: rig.organisation, charge_point: charger.id };
    let (sent, call) =
        tokio::join!(dispatcher.dispatch(charger), client.obey(|_| json!({"status": "Accepted"})));
    assert_eq!(sent.unwrap(), 1);
    let schedule = &call[3]["csChargingProfiles"]["chargingSchedule"];
    assert_eq!((&call[2], &schedule["duration"]), (&json!("SetChargingProfile"), &json!(3_600)));
    let starts: Vec<_> = schedule["chargingSchedulePeriod"]
        .as_array()
        .unwrap()
        .iter()
        .map(|period| period["startPeriod"].clone())
        .collect();
    assert_eq!(starts, [0, 900]);
}
