//! Posting events until they are received, or not worth posting any more.

use std::sync::Arc;

use chrono::TimeDelta;
use kernel::{Begin, Clock, Event, IdSource, StoreError, Timestamp};
use serde_json::json;

use super::{
    model::{DisabledWhy, EventDelivery, PartnerWebhook},
    port::{WebhookReader, WebhookTx},
};
use crate::{
    backoff::{WORTH_TRYING, wait},
    event::WEBHOOK_DISABLED,
    model::DeliveryState,
    port::{SendError, WebhookCall, WebhookSender},
    service::Outcome,
};

/// Events claimed at once.
const AT_ONCE: u16 = 32;
/// How long an event is the work of whoever claimed it: longer than posting may take.
const CLAIM: TimeDelta = TimeDelta::minutes(2);
/// A webhook that received nothing for so long, though there was something, is disabled.
const PATIENCE: TimeDelta = TimeDelta::days(3);

/// Posts what is due. Any number may work side by side; an event whose courier dies between posting
/// and saying so is posted again with the same id.
pub struct WebhookCourier {
    store: Arc<dyn Begin<dyn WebhookTx>>,
    reader: Arc<dyn WebhookReader>,
    sender: Arc<dyn WebhookSender>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
}

impl WebhookCourier {
    pub fn new<S>(
        store: Arc<S>,
        sender: Arc<dyn WebhookSender>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
    ) -> Self
    where
        S: Begin<dyn WebhookTx> + WebhookReader + 'static,
    {
        Self { store: store.clone(), reader: store, sender, clock, ids }
    }

    /// Claims events that are due.
    ///
    /// # Errors
    /// Store errors only.
    pub async fn claim(&self) -> Result<Vec<EventDelivery>, StoreError> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let claimed = tx.webhooks().event_deliveries_claim(now, now + CLAIM, AT_ONCE).await?;
        tx.commit().await?;
        Ok(claimed)
    }

    /// Posts a claimed event once.
    ///
    /// # Errors
    /// Store errors only; it is tried again after its claim has ended.
    pub async fn deliver(&self, mut delivery: EventDelivery) -> Result<Outcome, StoreError> {
        let Some(claimed) = delivery.claimed_until.take() else { return Ok(Outcome::Overtaken) };
        let webhook = self.reader.webhook_get(delivery.organisation, delivery.webhook).await?;
        let Some(webhook) = webhook.filter(|webhook| webhook.enabled) else {
            delivery.state = DeliveryState::Cancelled;
            delivery.finished_at = Some(self.clock.now());
            return self.store(&delivery, claimed, None, Outcome::Cancelled).await;
        };
        let now = self.clock.now();
        let call = WebhookCall {
            id: delivery.id.into(),
            at: now,
            url: webhook.url.clone(),
            secret: webhook.secret.clone(),
            previous: webhook.also_signed_with(now),
            body: delivery.body.clone(),
        };
        let sent = self.sender.webhook_send(&call).await;
        let now = self.clock.now();
        let (outcome, verdict) = match sent {
            Ok(()) => {
                delivery.last_error = None;
                (Outcome::Sent, webhook.failing_since.map(|_| Verdict::Recovered))
            }
            Err(error) => {
                delivery.last_error = Some(error.to_string().chars().take(500).collect());
                let since = webhook.failing_since.unwrap_or(now);
                let verdict = match &error {
                    SendError::Gone(_) => Verdict::Over(DisabledWhy::Gone),
                    _ if now - since >= PATIENCE => Verdict::Over(DisabledWhy::Failing),
                    _ => Verdict::Failing(since),
                };
                let given_up = now - delivery.first_due_at >= WORTH_TRYING;
                let later = matches!(error, SendError::Later(_)) && !given_up;
                (if later { Outcome::Later } else { Outcome::Failed }, Some(verdict))
            }
        };
        match outcome {
            Outcome::Later => delivery.due_at = now + wait(&*self.ids, delivery.attempts),
            Outcome::Sent => (delivery.state, delivery.finished_at) = (DeliveryState::Sent, Some(now)),
            _ => (delivery.state, delivery.finished_at) = (DeliveryState::Failed, Some(now)),
        }
        self.store(&delivery, claimed, verdict.map(|verdict| (&webhook, verdict)), outcome).await
    }

    /// Stores what became of it where it is still ours, and what that says of its webhook.
    async fn store(
        &self,
        delivery: &EventDelivery,
        claimed: Timestamp,
        verdict: Option<(&PartnerWebhook, Verdict)>,
        outcome: Outcome,
    ) -> Result<Outcome, StoreError> {
        let mut tx = self.store.begin().await?;
        match tx.webhooks().event_delivery_update(delivery, Some(claimed)).await {
            Ok(()) => {}
            Err(StoreError::Stale) => return Ok(Outcome::Overtaken),
            Err(error) => return Err(error),
        }
        if let Some((webhook, verdict)) = verdict {
            self.judge(&mut *tx, webhook, verdict).await?;
        }
        tx.commit().await?;
        Ok(outcome)
    }

    async fn judge(
        &self,
        tx: &mut dyn WebhookTx,
        webhook: &PartnerWebhook,
        verdict: Verdict,
    ) -> Result<(), StoreError> {
        let why = match verdict {
            Verdict::Recovered => return tx.webhooks().webhook_failing(webhook.id, None).await,
            Verdict::Failing(since) => return tx.webhooks().webhook_failing(webhook.id, Some(since)).await,
            Verdict::Over(why) => why,
        };
        let was_enabled = tx.webhooks().webhook_disable(webhook.id, why, self.clock.now()).await?;
        if was_enabled {
            tx.outbox().append(self.disabled(webhook, why)).await?;
        }
        Ok(())
    }

    fn disabled(&self, webhook: &PartnerWebhook, why: DisabledWhy) -> Event {
        let data = json!({ "webhook_id": webhook.id, "api_key_id": webhook.owner, "why": why });
        let (clock, ids) = (&*self.clock, &*self.ids);
        Event::new(clock, ids, webhook.organisation, WEBHOOK_DISABLED, &webhook.id, data)
    }
}

/// What an attempt says of the webhook.
enum Verdict {
    Recovered,
    Failing(Timestamp),
    Over(DisabledWhy),
}
