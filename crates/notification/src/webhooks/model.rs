//! A webhook, and an event on its way to it.

use kernel::{
    ApiKeyId, Change, EventId, Invalid, OrganisationId, Timestamp, Version, WebhookDeliveryId, WebhookId,
};
use serde::{Deserialize, Serialize};

use super::told::is_told;
use crate::{
    command::is_web,
    model::{DeliveryState, WebhookSecret},
};

/// Types that one webhook may name.
const MOST_TYPES: usize = 50;

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PartnerWebhook {
    pub id: WebhookId,
    pub organisation: OrganisationId,
    pub version: Version,
    /// The key that made it.
    pub owner: ApiKeyId,
    pub url: String,
    pub description: Option<String>,
    /// Types of events, or their beginnings with `*`; all where empty.
    pub types: Vec<String>,
    #[serde(skip)]
    pub secret: WebhookSecret,
    /// The secret before, with which messages are signed as well for a while.
    #[serde(skip)]
    pub previous: Option<PreviousSecret>,
    pub enabled: bool,
    /// Why it is not enabled, where nobody asked for that.
    pub disabled_why: Option<DisabledWhy>,
    /// Since when nothing was received; `None` while all is well. No part of the version.
    pub failing_since: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviousSecret {
    pub secret: WebhookSecret,
    pub until: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisabledWhy {
    /// Nothing was received for days.
    Failing,
    /// The receiver answered 410.
    Gone,
}

/// An event as it is posted to one webhook.
#[derive(Clone, Debug, PartialEq)]
pub struct EventDelivery {
    /// What the receiver sees as `webhook-id`, the same however often it is tried or replayed.
    pub id: WebhookDeliveryId,
    pub organisation: OrganisationId,
    pub webhook: WebhookId,
    pub event: EventId,
    pub event_type: String,
    pub body: String,
    pub state: DeliveryState,
    pub created_at: Timestamp,
    /// When it was to be sent first, or first again.
    pub first_due_at: Timestamp,
    pub due_at: Timestamp,
    /// Until then it is the work of whoever claimed it.
    pub claimed_until: Option<Timestamp>,
    pub attempts: u32,
    pub last_error: Option<String>,
    pub finished_at: Option<Timestamp>,
}

#[derive(Clone, Debug)]
pub struct CreateWebhook {
    pub url: String,
    pub description: Option<String>,
    pub types: Vec<String>,
}

/// A merge patch; types are replaced as a whole.
#[derive(Clone, Debug, Default)]
pub struct ChangeWebhook {
    pub url: Option<String>,
    pub description: Change<String>,
    pub types: Option<Vec<String>>,
    pub enabled: Option<bool>,
}

impl PartnerWebhook {
    pub(super) fn apply(&mut self, change: ChangeWebhook) {
        if let Some(url) = change.url {
            self.url = url;
        }
        if let Some(types) = change.types {
            self.types = types;
        }
        change.description.apply(&mut self.description);
        if let Some(enabled) = change.enabled {
            self.enabled = enabled;
            // Whoever enables it gives it another chance; whoever disables it knows why.
            (self.disabled_why, self.failing_since) = (None, None);
        }
    }

    /// Tidies it and notes what is wrong.
    pub(super) fn check(&mut self) -> Result<(), Invalid> {
        let mut invalid = Invalid::default();
        self.url = invalid.text("/url", &self.url, 2_000);
        if invalid.errors.is_empty() && !is_web(&self.url) {
            invalid.push("/url", "malformed", "must be an http or https URL");
        }
        if let Some(description) = &mut self.description {
            *description = invalid.text("/description", description, 200);
        }
        if self.types.len() > MOST_TYPES {
            invalid.push("/types", "too_many", format!("must be at most {MOST_TYPES} types"));
            return Err(invalid);
        }
        for (index, name) in self.types.iter_mut().enumerate() {
            *name = name.trim().to_owned();
            if !is_told(name) {
                invalid.push(
                    format!("/types/{index}"),
                    "unknown_event",
                    "partners are told of no such event",
                );
            }
        }
        invalid.into_result()
    }

    /// What its messages are signed with at an instant besides its secret.
    pub(super) fn also_signed_with(&self, now: Timestamp) -> Option<WebhookSecret> {
        self.previous.as_ref().filter(|previous| now < previous.until).map(|previous| previous.secret.clone())
    }

    pub(super) fn wants(&self, name: &str) -> bool {
        self.types.is_empty() || self.types.iter().any(|wanted| super::told::type_matches(wanted, name))
    }
}
