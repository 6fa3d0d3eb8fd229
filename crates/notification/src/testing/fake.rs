//! The ports over maps: a unit of work is a copy that replaces the original when it commits.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};

use async_trait::async_trait;
use kernel::{
    Advance, AlertId, AlertRuleId, AuditEntry, AuditLog, Begin, Commit, DeliveryId, DepotId, Event, FedEvent,
    HasAudit, HasOutbox, HasPositions, OrganisationId, Outbox, Positions, StoreError, Timestamp, Version,
};

use crate::{
    finding::Thing,
    model::{Alert, AlertKind, AlertRule, Change, Channel, Delivery, DeliveryState, Watch},
    port::{
        AlertRepository, AlertRuleRepository, AlertTx, DeliveryRepository, HasAlertRules, HasAlerts,
        HasDeliveries, KeyExpiry,
    },
};

#[derive(Clone, Debug, Default)]
pub(super) struct State {
    pub(super) alerts: BTreeMap<AlertId, Alert>,
    pub(super) watches: BTreeMap<(OrganisationId, AlertKind, String), Watch>,
    pub(super) rules: BTreeMap<AlertRuleId, AlertRule>,
    pub(super) deliveries: BTreeMap<DeliveryId, Delivery>,
    pub(super) items: BTreeMap<(DeliveryId, AlertId), (Change, Timestamp)>,
    pub(super) events: Vec<Event>,
    pub(super) audit: Vec<AuditEntry>,
    pub(super) position: Option<i64>,
    pub(super) feed: Vec<FedEvent>,
    pub(super) keys: Vec<KeyExpiry>,
    pub(super) depots: Vec<(OrganisationId, DepotId)>,
}

/// A store in memory. Clones share their content.
#[derive(Clone, Debug, Default)]
pub struct FakeAlerts(Arc<Mutex<State>>);

impl FakeAlerts {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no test panics while holding the state")
    }

    /// Names of the events that became durable, in order.
    pub fn event_names(&self) -> Vec<String> {
        self.state().events.iter().map(|event| event.name.to_string()).collect()
    }

    /// The events of a name that became durable, in order.
    pub fn events_named(&self, name: &str) -> Vec<Event> {
        self.state().events.iter().filter(|event| event.name == name).cloned().collect()
    }

    pub fn audit(&self) -> Vec<AuditEntry> {
        self.state().audit.clone()
    }

    pub fn alerts(&self) -> Vec<Alert> {
        self.state().alerts.values().cloned().collect()
    }

    pub fn deliveries(&self) -> Vec<Delivery> {
        self.state().deliveries.values().cloned().collect()
    }

    /// Publishes an event at the next place.
    pub fn publish(&self, event: Event) {
        let mut state = self.state();
        let place = state.feed.last().map_or(1, |last| last.place + 1);
        state.feed.push(FedEvent { place, event });
    }

    pub fn add_depot(&self, organisation: OrganisationId, depot: DepotId) {
        self.state().depots.push((organisation, depot));
    }

    /// Makes a key known that ends.
    pub fn add_key(&self, key: KeyExpiry) {
        self.state().keys.push(key);
    }

    pub fn remove_keys(&self) {
        self.state().keys.clear();
    }
}

struct FakeTx {
    store: FakeAlerts,
    state: State,
}

#[async_trait]
impl Begin<dyn AlertTx> for FakeAlerts {
    async fn begin(&self) -> Result<Box<dyn AlertTx>, StoreError> {
        Ok(Box::new(FakeTx { store: self.clone(), state: self.state().clone() }))
    }
}

#[async_trait]
impl Commit for FakeTx {
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        *self.store.state() = self.state;
        Ok(())
    }
}

macro_rules! is_its_own {
    ($($has:ident, $part:ident: $port:ident;)*) => {$(
        impl $has for FakeTx {
            fn $part(&mut self) -> &mut dyn $port {
                self
            }
        }
    )*};
}

is_its_own! {
    HasAlerts, alerts: AlertRepository;
    HasAlertRules, alert_rules: AlertRuleRepository;
    HasDeliveries, deliveries: DeliveryRepository;
    HasOutbox, outbox: Outbox;
    HasAudit, audit: AuditLog;
    HasPositions, positions: Positions;
}

#[async_trait]
impl Outbox for FakeTx {
    async fn append(&mut self, event: Event) -> Result<(), StoreError> {
        self.state.events.push(event);
        Ok(())
    }
}

#[async_trait]
impl AuditLog for FakeTx {
    async fn record(&mut self, entry: AuditEntry) -> Result<(), StoreError> {
        self.state.audit.push(entry);
        Ok(())
    }
}

#[async_trait]
impl Positions for FakeTx {
    async fn position_advance(&mut self, advance: &Advance) -> Result<bool, StoreError> {
        if self.state.position.is_some_and(|position| position != advance.from) {
            return Ok(false);
        }
        self.state.position = Some(advance.to);
        Ok(true)
    }
}

fn is_about(alert: &Alert, thing: Thing) -> bool {
    let about = &alert.about;
    match thing {
        Thing::ChargePoint(id) => about.charge_point == Some(id),
        Thing::Circuit(id) => about.circuit == Some(id),
        Thing::Depot(id) => about.depot == Some(id),
        Thing::Run(id) => about.run == Some(id),
        Thing::Vehicle(id) => about.vehicle == Some(id),
    }
}

#[async_trait]
impl AlertRepository for FakeTx {
    async fn alert_insert(&mut self, alert: &Alert) -> Result<(), StoreError> {
        let same = |other: &Alert| {
            (other.organisation, other.kind, &other.subject)
                == (alert.organisation, alert.kind, &alert.subject)
        };
        if alert.stands() && self.state.alerts.values().any(|other| other.stands() && same(other)) {
            return Err(StoreError::Duplicate { rule: "active_subject".into() });
        }
        self.state.alerts.insert(alert.id, alert.clone());
        Ok(())
    }

    async fn alert_find(
        &mut self,
        organisation: OrganisationId,
        id: AlertId,
    ) -> Result<Option<Alert>, StoreError> {
        Ok(self.state.alerts.get(&id).filter(|alert| alert.organisation == organisation).cloned())
    }

    async fn alert_latest(
        &mut self,
        organisation: OrganisationId,
        kind: AlertKind,
        subject: &str,
    ) -> Result<Option<Alert>, StoreError> {
        let of = |alert: &&Alert| {
            alert.organisation == organisation && alert.kind == kind && alert.subject == subject
        };
        Ok(self.state.alerts.values().rev().find(of).cloned())
    }

    async fn alert_update(&mut self, alert: &Alert, read: Version) -> Result<(), StoreError> {
        match self.state.alerts.get_mut(&alert.id) {
            Some(row) if row.version == read => {
                *row = alert.clone();
                Ok(())
            }
            _ => Err(StoreError::Stale),
        }
    }

    async fn alerts_about(
        &mut self,
        organisation: OrganisationId,
        thing: Thing,
    ) -> Result<Vec<Alert>, StoreError> {
        let wanted =
            |alert: &&Alert| alert.organisation == organisation && alert.stands() && is_about(alert, thing);
        Ok(self.state.alerts.values().filter(wanted).cloned().collect())
    }

    async fn watch_put(&mut self, watch: &Watch) -> Result<(), StoreError> {
        let key = (watch.organisation, watch.sighting.kind, watch.sighting.subject.clone());
        self.state.watches.entry(key).or_insert_with(|| watch.clone());
        Ok(())
    }

    async fn watch_remove(
        &mut self,
        organisation: OrganisationId,
        kind: AlertKind,
        subject: &str,
    ) -> Result<(), StoreError> {
        self.state.watches.remove(&(organisation, kind, subject.to_owned()));
        Ok(())
    }

    async fn watches_due(&mut self, now: Timestamp, limit: u16) -> Result<Vec<Watch>, StoreError> {
        let mut due: Vec<_> =
            self.state.watches.values().filter(|watch| watch.due_at <= now).cloned().collect();
        due.sort_by_key(|watch| watch.due_at);
        due.truncate(limit.into());
        Ok(due)
    }

    async fn alerts_forget(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        let had = self.state.alerts.len();
        self.state.alerts.retain(|_, alert| alert.cleared_at.is_none_or(|at| at >= before));
        Ok((had - self.state.alerts.len()) as u64)
    }
}

#[async_trait]
impl AlertRuleRepository for FakeTx {
    async fn rule_insert(&mut self, rule: &AlertRule) -> Result<(), StoreError> {
        self.state.rules.insert(rule.id, rule.clone());
        Ok(())
    }

    async fn rule_find(
        &mut self,
        organisation: OrganisationId,
        id: AlertRuleId,
    ) -> Result<Option<AlertRule>, StoreError> {
        Ok(self.state.rules.get(&id).filter(|rule| rule.organisation == organisation).cloned())
    }

    async fn rule_update(&mut self, rule: &AlertRule, read: Version) -> Result<(), StoreError> {
        match self.state.rules.get_mut(&rule.id) {
            Some(row) if row.version == read => {
                *row = rule.clone();
                Ok(())
            }
            _ => Err(StoreError::Stale),
        }
    }

    async fn rule_delete(&mut self, rule: &AlertRule) -> Result<(), StoreError> {
        if self.state.rules.get(&rule.id).is_none_or(|row| row.version != rule.version) {
            return Err(StoreError::Stale);
        }
        self.state.rules.remove(&rule.id);
        Ok(())
    }

    async fn rules_of(&mut self, organisation: OrganisationId) -> Result<Vec<AlertRule>, StoreError> {
        Ok(self.state.rules.values().filter(|rule| rule.organisation == organisation).cloned().collect())
    }
}

fn collects(delivery: &Delivery) -> bool {
    delivery.state == DeliveryState::Pending && delivery.attempts == 0
}

#[async_trait]
impl DeliveryRepository for FakeTx {
    async fn delivery_insert(&mut self, delivery: &Delivery) -> Result<(), StoreError> {
        self.state.deliveries.insert(delivery.id, delivery.clone());
        Ok(())
    }

    async fn deliveries_collecting(
        &mut self,
        rule: AlertRuleId,
        channel: Channel,
        recipient: &str,
    ) -> Result<Vec<Delivery>, StoreError> {
        let to = |d: &&Delivery| (d.rule, d.channel, d.recipient.as_str()) == (rule, channel, recipient);
        Ok(self.state.deliveries.values().filter(to).filter(|d| collects(d)).cloned().collect())
    }

    async fn delivery_last(
        &mut self,
        rule: AlertRuleId,
        channel: Channel,
        recipient: &str,
        now: Timestamp,
    ) -> Result<Option<Delivery>, StoreError> {
        let to = |d: &&Delivery| (d.rule, d.channel, d.recipient.as_str()) == (rule, channel, recipient);
        let tried = |d: &&Delivery| d.attempts > 0 || d.due_at <= now;
        Ok(self.state.deliveries.values().rev().filter(to).find(tried).cloned())
    }

    async fn item_put(
        &mut self,
        delivery: DeliveryId,
        alert: AlertId,
        change: Change,
        ready_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.state.items.insert((delivery, alert), (change, ready_at));
        Ok(())
    }

    async fn items_withdraw(&mut self, alert: AlertId, now: Timestamp) -> Result<(), StoreError> {
        let State { items, deliveries, .. } = &mut self.state;
        let collects = |delivery: &DeliveryId| deliveries.get(delivery).is_some_and(collects);
        items.retain(|(delivery, of), (_, ready_at)| *of != alert || *ready_at <= now || !collects(delivery));
        Ok(())
    }

    async fn deliveries_claim(
        &mut self,
        now: Timestamp,
        until: Timestamp,
        limit: u16,
    ) -> Result<Vec<Delivery>, StoreError> {
        let due = |d: &&mut Delivery| {
            d.state == DeliveryState::Pending
                && d.due_at <= now
                && d.claimed_until.is_none_or(|claimed| claimed <= now)
        };
        let mut due: Vec<_> = self.state.deliveries.values_mut().filter(due).collect();
        due.sort_by_key(|delivery| (delivery.due_at, delivery.id));
        let claimed = due.into_iter().take(limit.into()).map(|delivery| {
            delivery.claimed_until = Some(until);
            delivery.attempts += 1;
            delivery.clone()
        });
        Ok(claimed.collect())
    }

    async fn delivery_update(&mut self, delivery: &Delivery, claimed: Timestamp) -> Result<(), StoreError> {
        match self.state.deliveries.get_mut(&delivery.id) {
            Some(row) if row.claimed_until == Some(claimed) => {
                *row = delivery.clone();
                Ok(())
            }
            _ => Err(StoreError::Stale),
        }
    }

    async fn deliveries_forget(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        let State { items, deliveries, .. } = &mut self.state;
        let had = deliveries.len();
        deliveries.retain(|_, delivery| delivery.finished_at.is_none_or(|at| at >= before));
        items.retain(|(delivery, _), _| deliveries.contains_key(delivery));
        Ok((had - deliveries.len()) as u64)
    }
}
