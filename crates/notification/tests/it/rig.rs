//! A store, a clock, and everything that works on them.

use std::sync::Arc;

use chrono::TimeDelta;
use kernel::{
    Begin, Clock, Event, IdSource, OrganisationId,
    testing::{CountingIds, FakeClock},
};
use notification::{
    Alert, AlertRule, AlertService, AlertTx, DeliveryService, Follower, Keeper, Outcome, Patience,
    testing::{FakeAlerts, Recorder},
};
use serde_json::{Value, json};

pub struct Rig {
    pub store: FakeAlerts,
    pub clock: Arc<FakeClock>,
    pub ids: Arc<CountingIds>,
    pub sent: Recorder,
    pub organisation: OrganisationId,
    pub keeper: Keeper,
    pub follower: Follower,
    pub deliveries: DeliveryService,
    pub operators: AlertService,
}

impl Rig {
    pub fn new() -> Self {
        let (clock, ids) = (Arc::new(FakeClock::default()), Arc::new(CountingIds::default()));
        let (store, sent) = (FakeAlerts::default(), Recorder::default());
        let shared = Arc::new(store.clone());
        let patience = Patience { offline: TimeDelta::minutes(5) };
        let keeper = Keeper::new(shared.clone(), clock.clone(), ids.clone(), patience);
        let (mail, hooks) = (Arc::new(sent.clone()), Arc::new(sent.clone()));
        Self {
            organisation: ids.uuid().into(),
            follower: Follower::new(keeper.clone(), shared.clone()),
            deliveries: DeliveryService::new(shared.clone(), mail, hooks, clock.clone(), ids.clone()),
            operators: AlertService::new(shared, clock.clone(), ids.clone()),
            store,
            clock,
            ids,
            sent,
            keeper,
        }
    }

    pub async fn rule(&self, change: impl FnOnce(&mut AlertRule)) -> AlertRule {
        let mut rule = notification::testing::rule(&*self.ids, self.organisation);
        change(&mut rule);
        let mut tx = Begin::<dyn AlertTx>::begin(&self.store).await.unwrap();
        tx.alert_rules().rule_insert(&rule).await.unwrap();
        tx.commit().await.unwrap();
        rule
    }

    pub fn publish(&self, name: &'static str, data: Value) {
        let event = Event::new(&*self.clock, &*self.ids, self.organisation, name, "key", data);
        self.store.publish(event);
    }

    /// Publishes and takes up.
    pub async fn happens(&mut self, name: &'static str, data: Value) {
        self.publish(name, data);
        self.catch_up().await;
    }

    pub async fn catch_up(&mut self) {
        while self.follower.step().await.unwrap() > 0 {}
    }

    /// The status of connector `n` of a charger.
    pub async fn status(&mut self, n: u128, status: &str) {
        self.happens("manage.charge_point.status_changed.v1", status_of(n, status)).await;
    }

    pub fn advance(&self, seconds: i64) {
        self.clock.advance(TimeDelta::seconds(seconds));
    }

    /// Sends all that is due.
    pub async fn send(&self) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        loop {
            let claimed = self.deliveries.claim().await.unwrap();
            if claimed.is_empty() {
                return outcomes;
            }
            for delivery in claimed {
                outcomes.push(self.deliveries.deliver(delivery).await.unwrap());
            }
        }
    }

    /// Lets time pass minute by minute, sending what is due; how many mails went out.
    pub async fn mails_in(&self, minutes: usize) -> usize {
        let before = self.sent.mails().len();
        for _ in 0..minutes {
            self.advance(60);
            self.send().await;
        }
        self.sent.mails().len() - before
    }

    pub fn alerts(&self) -> Vec<Alert> {
        self.store.alerts()
    }

    pub fn now(&self) -> kernel::Timestamp {
        self.clock.now()
    }
}

pub fn id(n: u128) -> String {
    uuid::Uuid::from_u128(n).to_string()
}

pub fn status_of(n: u128, status: &str) -> Value {
    json!({"charge_point_id": id(n), "connector_number": 1, "status": status, "error_code": null})
}
