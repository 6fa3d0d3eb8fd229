//! Raising alerts and clearing them: at most one stands of a kind and subject, whatever comes twice.

use std::{collections::BTreeSet, sync::Arc};

use chrono::TimeDelta;
use kernel::{
    Advance, Begin, Clock, DepotId, Event, FedEvent, IdSource, OrganisationId, StoreError, Timestamp,
};
use serde_json::json;

use super::tell::Rules;
use crate::{
    event,
    finding::{Finding, Patience, Sighting, Thing, find},
    model::{About, Alert, AlertKind, AlertState, Change, Severity, Watch},
    port::{AlertReader, AlertTx, ExpiringKeys},
};

/// Watches that become alerts in one unit of work.
const AT_ONCE: u16 = 200;

/// Keeps the alerts of all organisations as what is seen says.
#[derive(Clone)]
pub struct Keeper {
    store: Arc<dyn Begin<dyn AlertTx>>,
    reader: Arc<dyn AlertReader>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    patience: Patience,
}

impl Keeper {
    pub fn new<S>(store: Arc<S>, clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>, patience: Patience) -> Self
    where
        S: Begin<dyn AlertTx> + AlertReader + 'static,
    {
        Self { store: store.clone(), reader: store, clock, ids, patience }
    }

    /// Whether any of the events says something of concern.
    pub(super) fn concerns(&self, events: &[FedEvent]) -> bool {
        events.iter().any(|fed| !find(&fed.event, self.patience).is_empty())
    }

    /// Takes up events in their order, together with how far they were read. False, without any
    /// effect, where somebody else has read on.
    ///
    /// # Errors
    /// Store errors only.
    pub async fn take_up(&self, events: &[FedEvent], advance: &Advance) -> Result<bool, StoreError> {
        let mut tx = self.store.begin().await?;
        if !tx.positions().position_advance(advance).await? {
            return Ok(false);
        }
        let mut rules = Rules::default();
        for FedEvent { event, .. } in events {
            for finding in find(event, self.patience) {
                self.apply(&mut *tx, &mut rules, event, finding).await?;
            }
        }
        tx.commit().await?;
        Ok(true)
    }

    async fn apply(
        &self,
        tx: &mut dyn AlertTx,
        rules: &mut Rules,
        event: &Event,
        finding: Finding,
    ) -> Result<(), StoreError> {
        let (organisation, at) = (event.organisation, event.occurred_at);
        match finding {
            Finding::Seen(sighting) => self.see(tx, rules, organisation, sighting, at).await,
            Finding::Maybe(sighting, patience) => {
                let watch = Watch { organisation, seen_at: at, due_at: at + patience, sighting };
                tx.alerts().watch_put(&watch).await
            }
            Finding::Over { kind, subject } => self.over(tx, rules, organisation, kind, &subject).await,
            Finding::Gone(thing) => {
                match thing {
                    Thing::ChargePoint(id) => {
                        let subject = id.to_string();
                        tx.alerts().watch_remove(organisation, AlertKind::Offline, &subject).await?;
                    }
                    Thing::Circuit(id) => {
                        let subject = id.to_string();
                        tx.alerts().watch_remove(organisation, AlertKind::LimitExceeded, &subject).await?;
                    }
                    Thing::Depot(_) | Thing::Run(_) | Thing::Vehicle(_) => {}
                }
                for alert in tx.alerts().alerts_about(organisation, thing).await? {
                    self.clear(tx, rules, alert).await?;
                }
                Ok(())
            }
        }
    }

    /// Makes alerts of what was watched for long enough; returns how many.
    ///
    /// # Errors
    /// Store errors only.
    pub async fn ripen(&self) -> Result<usize, StoreError> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let due = tx.alerts().watches_due(now, AT_ONCE).await?;
        if due.is_empty() {
            return Ok(0);
        }
        let (count, mut rules) = (due.len(), Rules::default());
        for Watch { organisation, seen_at, sighting, .. } in due {
            tx.alerts().watch_remove(organisation, sighting.kind, &sighting.subject).await?;
            self.see(&mut *tx, &mut rules, organisation, sighting, seen_at).await?;
        }
        tx.commit().await?;
        Ok(count)
    }

    /// Makes the alerts of a kind, at a depot or anywhere, those that stand: what is new becomes an
    /// alert once it has stood for `patience`, what is no longer there is over.
    ///
    /// # Errors
    /// Store errors only.
    pub async fn reconcile(
        &self,
        organisation: OrganisationId,
        kind: AlertKind,
        depot: Option<DepotId>,
        standing: Vec<Sighting>,
        patience: TimeDelta,
    ) -> Result<(), StoreError> {
        let known: BTreeSet<String> =
            self.reader.subjects_standing(organisation, kind, depot).await?.into_iter().collect();
        let there: BTreeSet<&str> = standing.iter().map(|sighting| sighting.subject.as_str()).collect();
        let over: Vec<&String> = known.iter().filter(|subject| !there.contains(subject.as_str())).collect();
        if over.is_empty() && there.iter().all(|subject| known.contains(*subject)) {
            return Ok(());
        }
        let now = self.clock.now();
        let (mut tx, mut rules) = (self.store.begin().await?, Rules::default());
        for subject in over {
            self.over(&mut *tx, &mut rules, organisation, kind, subject).await?;
        }
        for sighting in standing.iter().filter(|sighting| !known.contains(&sighting.subject)) {
            if patience > TimeDelta::zero() {
                let (due_at, sighting) = (now + patience, sighting.clone());
                let watch = Watch { organisation, seen_at: now, due_at, sighting };
                tx.alerts().watch_put(&watch).await?;
            } else {
                self.see(&mut *tx, &mut rules, organisation, sighting.clone(), now).await?;
            }
        }
        tx.commit().await
    }

    /// Looks for API keys that end within a time.
    ///
    /// # Errors
    /// Store errors only.
    pub async fn look_at_keys(&self, keys: &dyn ExpiringKeys, ahead: TimeDelta) -> Result<(), StoreError> {
        let now = self.clock.now();
        let expiring = keys.keys_expiring(now, now + ahead).await?;
        for organisation in keys.organisations_everywhere().await? {
            let of = expiring.iter().filter(|key| key.organisation == organisation);
            let standing = of.map(|key| Sighting {
                kind: AlertKind::ApiKeyExpiring,
                subject: key.api_key.to_string(),
                severity: Severity::Warning,
                summary: format!("API key \"{}\" ends on {}", key.name, key.expires_at.date_naive()),
                about: About { api_key: Some(key.api_key), ..About::default() },
                details: json!({ "expires_at": key.expires_at }),
            });
            let standing = standing.collect();
            self.reconcile(organisation, AlertKind::ApiKeyExpiring, None, standing, TimeDelta::zero())
                .await?;
        }
        Ok(())
    }

    /// Forgets alerts that were cleared, and messages that ended, before an instant.
    ///
    /// # Errors
    /// Store errors only.
    pub async fn forget(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut tx = self.store.begin().await?;
        let forgotten =
            tx.alerts().alerts_forget(before).await? + tx.deliveries().deliveries_forget(before).await?;
        tx.commit().await?;
        Ok(forgotten)
    }

    async fn see(
        &self,
        tx: &mut dyn AlertTx,
        rules: &mut Rules,
        organisation: OrganisationId,
        sighting: Sighting,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let latest = tx.alerts().alert_latest(organisation, sighting.kind, &sighting.subject).await?;
        let Some(before) = latest.filter(|latest| latest.goes_on(now)) else {
            let alert = Alert::raised(self.ids.uuid().into(), organisation, sighting, at);
            tx.alerts().alert_insert(&alert).await?;
            return self.say(tx, rules, event::ALERT_RAISED, &alert, Some(Change::Raised)).await;
        };
        let mut alert = before.clone();
        let change = alert.seen(sighting, at);
        alert.version = before.version.next();
        tx.alerts().alert_update(&alert, before.version).await?;
        match change {
            Some(Change::Raised) => self.say(tx, rules, event::ALERT_RAISED, &alert, change).await,
            _ if alert.severity != before.severity => {
                self.say(tx, rules, event::ALERT_CHANGED, &alert, change).await
            }
            _ => Ok(()),
        }
    }

    /// It is over, whether it stood or was only watched.
    async fn over(
        &self,
        tx: &mut dyn AlertTx,
        rules: &mut Rules,
        organisation: OrganisationId,
        kind: AlertKind,
        subject: &str,
    ) -> Result<(), StoreError> {
        tx.alerts().watch_remove(organisation, kind, subject).await?;
        match tx.alerts().alert_latest(organisation, kind, subject).await? {
            Some(alert) if alert.stands() => self.clear(tx, rules, alert).await,
            _ => Ok(()),
        }
    }

    async fn clear(
        &self,
        tx: &mut dyn AlertTx,
        rules: &mut Rules,
        mut alert: Alert,
    ) -> Result<(), StoreError> {
        let read = alert.version;
        alert.version = read.next();
        alert.state = AlertState::Cleared;
        alert.cleared_at = Some(self.clock.now());
        tx.alerts().alert_update(&alert, read).await?;
        self.say(tx, rules, event::ALERT_CLEARED, &alert, Some(Change::Cleared)).await
    }

    async fn say(
        &self,
        tx: &mut dyn AlertTx,
        rules: &mut Rules,
        name: &'static str,
        alert: &Alert,
        change: Option<Change>,
    ) -> Result<(), StoreError> {
        tx.outbox().append(event::alert(&*self.clock, &*self.ids, name, alert)).await?;
        match change {
            Some(change) => rules.tell(tx, &*self.ids, alert, change, self.clock.now()).await,
            None => Ok(()),
        }
    }
}
