//! Sending messages until they are received, or not worth sending any more.

use std::sync::Arc;

use chrono::TimeDelta;
use kernel::{Begin, Clock, IdSource, StoreError, Timestamp};
use uuid::Uuid;

use crate::{
    backoff::{WORTH_TRYING, wait},
    event,
    message::Message,
    model::{AlertRule, Channel, Delivery, DeliveryState},
    port::{AlertReader, AlertTx, Mail, MailSender, NameReader, SendError, WebhookCall, WebhookSender},
};

/// Messages claimed at once.
const AT_ONCE: u16 = 16;
/// How long a message is the work of whoever claimed it: longer than sending may take.
const CLAIM: TimeDelta = TimeDelta::minutes(2);
/// What became of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Sent,
    /// It will be tried again.
    Later,
    Failed,
    /// There was nothing left to tell, or nobody to be told.
    Cancelled,
    /// It took so long that another has claimed it.
    Overtaken,
}

impl Outcome {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Later => "later",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Overtaken => "overtaken",
        }
    }
}

/// Sends what is due. Any number may work side by side; a message whose sender dies between sending
/// and saying so is sent again with the same id.
pub struct DeliveryService {
    store: Arc<dyn Begin<dyn AlertTx>>,
    reader: Arc<dyn AlertReader>,
    names: Arc<dyn NameReader>,
    mail: Arc<dyn MailSender>,
    webhooks: Arc<dyn WebhookSender>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
}

impl DeliveryService {
    pub fn new<S>(
        store: Arc<S>,
        mail: Arc<dyn MailSender>,
        webhooks: Arc<dyn WebhookSender>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
    ) -> Self
    where
        S: Begin<dyn AlertTx> + AlertReader + NameReader + 'static,
    {
        Self { store: store.clone(), reader: store.clone(), names: store, mail, webhooks, clock, ids }
    }

    /// Claims messages that are due.
    ///
    /// # Errors
    /// Store errors only.
    pub async fn claim(&self) -> Result<Vec<Delivery>, StoreError> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let claimed = tx.deliveries().deliveries_claim(now, now + CLAIM, AT_ONCE).await?;
        tx.commit().await?;
        Ok(claimed)
    }

    /// Tries a claimed message once.
    ///
    /// # Errors
    /// Store errors only; it is tried again after its claim has ended.
    pub async fn deliver(&self, mut delivery: Delivery) -> Result<Outcome, StoreError> {
        let Some(claimed) = delivery.claimed_until else { return Ok(Outcome::Overtaken) };
        let rule = self.reader.alert_rule_get(delivery.organisation, delivery.rule).await?;
        let Some(rule) = rule.filter(|rule| rule.enabled) else {
            return self.end(delivery, claimed, Outcome::Cancelled).await;
        };
        let message = match delivery.message.take() {
            Some(message) => message,
            None => match self.write(&rule, &delivery).await? {
                None => return self.end(delivery, claimed, Outcome::Cancelled).await,
                Some(message) => {
                    delivery.message = Some(message.clone());
                    if !self.store(&delivery, claimed, false).await? {
                        return Ok(Outcome::Overtaken);
                    }
                    message
                }
            },
        };
        let sent = self.send(&rule, &delivery, &message).await;
        delivery.message = Some(message);
        match sent {
            None => self.end(delivery, claimed, Outcome::Cancelled).await,
            Some(Ok(())) => {
                delivery.last_error = None;
                self.end(delivery, claimed, Outcome::Sent).await
            }
            Some(Err(error)) => {
                delivery.last_error = Some(error.to_string().chars().take(500).collect());
                let given_up = self.clock.now() - delivery.first_due_at >= WORTH_TRYING;
                let never = matches!(error, SendError::Never(_) | SendError::Gone(_));
                let outcome = if never || given_up { Outcome::Failed } else { Outcome::Later };
                self.end(delivery, claimed, outcome).await
            }
        }
    }

    /// What there is to tell now; `None` where nothing is left.
    async fn write(&self, rule: &AlertRule, delivery: &Delivery) -> Result<Option<Message>, StoreError> {
        let items = self.reader.delivery_items(delivery.id).await?;
        let things = items.iter().flat_map(|(alert, _)| {
            let about = &alert.about;
            let ids = [
                about.depot.map(Uuid::from),
                about.charge_point.map(Uuid::from),
                about.circuit.map(Uuid::from),
                about.vehicle.map(Uuid::from),
            ];
            ids.into_iter().flatten()
        });
        let mut things: Vec<Uuid> = things.collect();
        things.sort_unstable();
        things.dedup();
        let names = self.names.names_of(delivery.organisation, &things).await?;
        Ok(Message::about(rule, items, &names, self.clock.now()))
    }

    /// `None` where the rule does not name the recipient any more.
    async fn send(
        &self,
        rule: &AlertRule,
        delivery: &Delivery,
        message: &Message,
    ) -> Option<Result<(), SendError>> {
        match delivery.channel {
            Channel::Email => {
                let to = rule.emails.iter().find(|address| **address == delivery.recipient)?.clone();
                let (subject, text) = (message.subject.clone(), message.text.clone());
                let mail = Mail { id: delivery.id.into(), to, subject, text };
                Some(self.mail.mail_send(&mail).await)
            }
            Channel::Webhook => {
                let webhook = rule.webhook.as_ref().filter(|webhook| webhook.url == delivery.recipient)?;
                let call = WebhookCall {
                    id: delivery.id.into(),
                    at: self.clock.now(),
                    url: webhook.url.clone(),
                    secret: webhook.secret.clone(),
                    previous: None,
                    body: message.data.to_string(),
                };
                Some(self.webhooks.webhook_send(&call).await)
            }
        }
    }

    async fn end(
        &self,
        mut delivery: Delivery,
        claimed: Timestamp,
        outcome: Outcome,
    ) -> Result<Outcome, StoreError> {
        let now = self.clock.now();
        delivery.claimed_until = None;
        let state = match outcome {
            Outcome::Sent => DeliveryState::Sent,
            Outcome::Failed => DeliveryState::Failed,
            Outcome::Cancelled => DeliveryState::Cancelled,
            Outcome::Later | Outcome::Overtaken => DeliveryState::Pending,
        };
        delivery.state = state;
        if state == DeliveryState::Pending {
            delivery.due_at = now + wait(&*self.ids, delivery.attempts);
        } else {
            delivery.finished_at = Some(now);
        }
        let stored = self.store(&delivery, claimed, outcome == Outcome::Failed).await?;
        Ok(if stored { outcome } else { Outcome::Overtaken })
    }

    /// Stores it where it is still ours.
    async fn store(&self, delivery: &Delivery, claimed: Timestamp, failed: bool) -> Result<bool, StoreError> {
        let told = if failed { self.reader.delivery_items(delivery.id).await? } else { Vec::new() };
        let mut tx = self.store.begin().await?;
        match tx.deliveries().delivery_update(delivery, claimed).await {
            Ok(()) => {}
            Err(StoreError::Stale) => return Ok(false),
            Err(error) => return Err(error),
        }
        if failed {
            let mut alerts: Vec<_> = told.iter().map(|(alert, _)| Some(alert)).collect();
            if alerts.is_empty() {
                alerts.push(None);
            }
            for alert in alerts {
                let event = event::delivery_failed(&*self.clock, &*self.ids, delivery, alert);
                tx.outbox().append(event).await?;
            }
        }
        tx.commit().await?;
        Ok(true)
    }
}
