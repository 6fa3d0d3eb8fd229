//! Putting what is to be told into messages, in the unit of work that made it true.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use kernel::{DeliveryId, IdSource, OrganisationId, StoreError, Timestamp};

use crate::{
    model::{Alert, AlertRule, Change, Channel, Delivery, DeliveryState, Pace},
    port::AlertTx,
    timing::{Due, Last},
};

/// How long an alert that came back must stand before it is told again: doubles each time.
const FLAP: TimeDelta = TimeDelta::minutes(1);
const LONGEST_FLAP: TimeDelta = TimeDelta::hours(1);

/// The rules of organisations, read once for a unit of work.
#[derive(Default)]
pub(super) struct Rules(BTreeMap<OrganisationId, Vec<AlertRule>>);

impl Rules {
    async fn of(
        &mut self,
        tx: &mut dyn AlertTx,
        organisation: OrganisationId,
    ) -> Result<&[AlertRule], StoreError> {
        if let std::collections::btree_map::Entry::Vacant(vacant) = self.0.entry(organisation) {
            vacant.insert(tx.alert_rules().rules_of(organisation).await?);
        }
        Ok(&self.0[&organisation])
    }

    /// Tells of an alert as its rules want it.
    pub(super) async fn tell(
        &mut self,
        tx: &mut dyn AlertTx,
        ids: &dyn IdSource,
        alert: &Alert,
        change: Change,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if change == Change::Cleared {
            tx.deliveries().items_withdraw(alert.id, now).await?;
        }
        for rule in self.of(tx, alert.organisation).await? {
            if !rule.enabled || !rule.matching.takes(alert) {
                continue;
            }
            if change == Change::Cleared && !rule.timing.tell_cleared {
                continue;
            }
            let emails = rule.emails.iter().map(|address| (Channel::Email, address.as_str()));
            let webhook = rule.webhook.iter().map(|webhook| (Channel::Webhook, webhook.url.as_str()));
            for (channel, recipient) in emails.chain(webhook) {
                let to = Recipient { rule, channel, recipient };
                to.tell(tx, ids, alert, change, now).await?;
            }
        }
        Ok(())
    }
}

struct Recipient<'a> {
    rule: &'a AlertRule,
    channel: Channel,
    recipient: &'a str,
}

impl Recipient<'_> {
    async fn tell(
        &self,
        tx: &mut dyn AlertTx,
        ids: &dyn IdSource,
        alert: &Alert,
        change: Change,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (rule, timing) = (self.rule.id, &self.rule.timing);
        // The end of what was never told is not told either.
        if change == Change::Cleared && timing.delay_seconds > 0 && !self.was_told(alert, now) {
            return Ok(());
        }
        let delay = match change {
            Change::Cleared => TimeDelta::zero(),
            Change::Raised | Change::Worsened => {
                TimeDelta::seconds(timing.delay_seconds.into()) + flap(alert.reopened, change)
            }
        };
        let ready = now + delay;
        let collecting = tx.deliveries().deliveries_collecting(rule, self.channel, self.recipient).await?;
        let last = tx.deliveries().delivery_last(rule, self.channel, self.recipient, now).await?;
        let last = last.map(|last| Last { due_at: last.first_due_at, level: last.level });
        let due = timing.due(ready, alert.severity, last);
        let fits = |delivery: &&Delivery| ready <= delivery.due_at && delivery.due_at <= due.at;
        let delivery = match collecting.iter().find(fits) {
            Some(delivery) => delivery.id,
            None => self.begin(tx, ids, due, now).await?,
        };
        tx.deliveries().item_put(delivery, alert.id, change, ready).await
    }

    /// Whether the alert stood long enough to be told.
    fn was_told(&self, alert: &Alert, now: Timestamp) -> bool {
        now - alert.first_seen_at >= TimeDelta::seconds(self.rule.timing.delay_seconds.into())
    }

    async fn begin(
        &self,
        tx: &mut dyn AlertTx,
        ids: &dyn IdSource,
        due: Due,
        now: Timestamp,
    ) -> Result<DeliveryId, StoreError> {
        let delivery = Delivery {
            id: ids.uuid().into(),
            organisation: self.rule.organisation,
            rule: self.rule.id,
            channel: self.channel,
            recipient: self.recipient.to_owned(),
            state: DeliveryState::Pending,
            level: match self.rule.timing.pace {
                Pace::AtOnce { .. } => due.level,
                Pace::Hourly | Pace::Daily { .. } => 0,
            },
            created_at: now,
            first_due_at: due.at,
            due_at: due.at,
            claimed_until: None,
            attempts: 0,
            message: None,
            last_error: None,
            finished_at: None,
        };
        tx.deliveries().delivery_insert(&delivery).await?;
        Ok(delivery.id)
    }
}

/// How long an alert that comes and goes must stand.
fn flap(reopened: u32, change: Change) -> TimeDelta {
    match (reopened.checked_sub(1), change) {
        (Some(before), Change::Raised) => {
            FLAP.checked_mul(1 << before.min(10)).unwrap_or(LONGEST_FLAP).min(LONGEST_FLAP)
        }
        _ => TimeDelta::zero(),
    }
}
