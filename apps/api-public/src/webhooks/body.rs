//! A webhook and what is posted to it, as partners see them.

use chrono::{DateTime, Utc};
use notification::{DeliveryState, DisabledWhy, EventDelivery, PartnerWebhook};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::words::words;

#[derive(Clone, Serialize, ToSchema)]
#[schema(as = Webhook)]
pub(crate) struct WebhookBody {
    id: Uuid,
    url: String,
    #[schema(required)]
    description: Option<String>,
    /// Types of events, or their beginnings with `*`; all where empty.
    types: Vec<String>,
    enabled: bool,
    /// Why it is not enabled, where nobody asked for that.
    #[schema(required)]
    disabled_why: Option<DisabledWord>,
    /// Since when nothing was received; null while all is well.
    #[schema(required)]
    failing_since: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// A webhook and its secret, which is shown this once: `null` where the answer is repeated for an
/// `Idempotency-Key`.
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = WebhookWithSecret)]
pub(crate) struct SecretBody {
    #[serde(flatten)]
    webhook: WebhookBody,
    /// `whsec_` and the key of the signatures in base64.
    #[schema(required)]
    secret: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = WebhookDelivery)]
pub(crate) struct DeliveryBody {
    /// What the receiver sees as `webhook-id`.
    id: Uuid,
    webhook_id: Uuid,
    event_id: Uuid,
    event_type: String,
    state: DeliveryWord,
    attempts: u32,
    /// What was wrong with the last attempt.
    #[schema(required)]
    last_error: Option<String>,
    created_at: DateTime<Utc>,
    /// When it is tried next; null once it is over.
    #[schema(required)]
    next_attempt_at: Option<DateTime<Utc>>,
    #[schema(required)]
    finished_at: Option<DateTime<Utc>>,
}

words! {
    DisabledWord as WebhookDisabledWhy for DisabledWhy {
        /// Nothing was received for three days.
        Failing,
        /// The receiver answered 410.
        Gone,
    }
}

words! {
    DeliveryWord as WebhookDeliveryState for DeliveryState {
        /// It is due, or tried again.
        Pending,
        Sent,
        /// It was tried for a day, or can never be received.
        Failed,
        /// The webhook was disabled meanwhile.
        Cancelled,
    }
}

impl SecretBody {
    /// As it is shown once, and as it is repeated.
    pub(super) fn of(webhook: PartnerWebhook) -> (Self, Self) {
        let secret = webhook.secret.expose();
        let repeated = Self { webhook: webhook.into(), secret: None };
        (Self { secret: Some(secret), ..repeated.clone() }, repeated)
    }
}

impl From<PartnerWebhook> for WebhookBody {
    fn from(webhook: PartnerWebhook) -> Self {
        Self {
            id: webhook.id.into(),
            url: webhook.url,
            description: webhook.description,
            types: webhook.types,
            enabled: webhook.enabled,
            disabled_why: webhook.disabled_why.map(Into::into),
            failing_since: webhook.failing_since,
            created_at: webhook.created_at,
            updated_at: webhook.updated_at,
        }
    }
}

impl From<EventDelivery> for DeliveryBody {
    fn from(delivery: EventDelivery) -> Self {
        let pending = delivery.state == DeliveryState::Pending;
        Self {
            id: delivery.id.into(),
            webhook_id: delivery.webhook.into(),
            event_id: delivery.event.into(),
            event_type: delivery.event_type,
            state: delivery.state.into(),
            attempts: delivery.attempts,
            last_error: delivery.last_error,
            created_at: delivery.created_at,
            next_attempt_at: pending.then_some(delivery.due_at),
            finished_at: delivery.finished_at,
        }
    }
}
