//! What partners do with their webhooks.

use std::sync::Arc;

use chrono::TimeDelta;
use kernel::{
    Actor, ApiKeyId, AuditEntry, AuditVerb, Begin, Clock, IdSource, Limit, Page, PageRequest, Scope,
    StoreError, Version, WebhookDeliveryId, WebhookId,
};

use super::{
    error::WebhookError,
    model::{ChangeWebhook, CreateWebhook, EventDelivery, PartnerWebhook, PreviousSecret},
    port::{WebhookReader, WebhookTx},
};
use crate::model::{DeliveryState, WebhookSecret};

/// Webhooks of one key.
pub const MOST_WEBHOOKS: u16 = 20;
/// How long messages are signed with the secret before, too.
const BOTH_SECRETS: TimeDelta = TimeDelta::days(1);

/// Every use case is that of an API key, with its own webhooks: those of others do not exist for it.
pub struct WebhookService {
    store: Arc<dyn Begin<dyn WebhookTx>>,
    reader: Arc<dyn WebhookReader>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
}

/// The key that asks. Nobody else has webhooks.
fn owner(scope: &Scope) -> Result<ApiKeyId, WebhookError> {
    match scope.actor() {
        Actor::ApiKey(id) => Ok(id),
        Actor::User(_) | Actor::ChargePoint(_) | Actor::System => Err(WebhookError::NoSuchWebhook),
    }
}

impl WebhookService {
    pub fn new<S>(store: Arc<S>, clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Self
    where
        S: Begin<dyn WebhookTx> + WebhookReader + 'static,
    {
        Self { store: store.clone(), reader: store, clock, ids }
    }

    /// # Errors
    /// [`WebhookError::Invalid`]; [`WebhookError::TooMany`].
    pub async fn webhook_create(
        &self,
        scope: &Scope,
        command: CreateWebhook,
    ) -> Result<PartnerWebhook, WebhookError> {
        let owner = owner(scope)?;
        let now = self.clock.now();
        let mut webhook = PartnerWebhook {
            id: self.ids.uuid().into(),
            organisation: scope.organisation(),
            version: Version::FIRST,
            owner,
            url: command.url,
            description: command.description,
            types: command.types,
            secret: WebhookSecret::generate(&*self.ids),
            previous: None,
            enabled: true,
            disabled_why: None,
            failing_since: None,
            created_at: now,
            updated_at: now,
        };
        webhook.check()?;
        let most = PageRequest { limit: Limit::new(MOST_WEBHOOKS).unwrap_or_default(), after: None };
        let held = self.reader.webhook_list(webhook.organisation, owner, most).await?;
        if held.items.len() >= usize::from(MOST_WEBHOOKS) {
            return Err(WebhookError::TooMany);
        }
        let mut tx = self.store.begin().await?;
        tx.webhooks().webhook_insert(&webhook).await?;
        tx.audit().record(self.audit(scope, AuditVerb::Create, webhook.id).after(&webhook)).await?;
        tx.commit().await?;
        Ok(webhook)
    }

    /// # Errors
    /// [`WebhookError::NoSuchWebhook`] also for those of other keys.
    pub async fn webhook_get(&self, scope: &Scope, id: WebhookId) -> Result<PartnerWebhook, WebhookError> {
        let owner = owner(scope)?;
        let found = self.reader.webhook_get(scope.organisation(), id).await?;
        found.filter(|webhook| webhook.owner == owner).ok_or(WebhookError::NoSuchWebhook)
    }

    /// # Errors
    /// Store errors only.
    pub async fn webhook_list(
        &self,
        scope: &Scope,
        page: PageRequest,
    ) -> Result<Page<PartnerWebhook>, WebhookError> {
        Ok(self.reader.webhook_list(scope.organisation(), owner(scope)?, page).await?)
    }

    /// Applies a merge patch. To enable it again forgets that it failed.
    ///
    /// # Errors
    /// As [`Self::webhook_create`], and [`StoreError::Stale`] for another version.
    pub async fn webhook_change(
        &self,
        scope: &Scope,
        id: WebhookId,
        expected: Option<Version>,
        change: ChangeWebhook,
    ) -> Result<PartnerWebhook, WebhookError> {
        self.update(scope, id, expected, |webhook| {
            webhook.apply(change);
            Ok(webhook.check()?)
        })
        .await
    }

    /// Gives it another secret. Messages are signed with both for a day, so that the receiver can
    /// change over without losing any.
    ///
    /// # Errors
    /// [`WebhookError::NoSuchWebhook`]; [`StoreError::Stale`] for another version.
    pub async fn secret_rotate(
        &self,
        scope: &Scope,
        id: WebhookId,
        expected: Option<Version>,
    ) -> Result<PartnerWebhook, WebhookError> {
        let (secret, until) = (WebhookSecret::generate(&*self.ids), self.clock.now() + BOTH_SECRETS);
        self.update(scope, id, expected, |webhook| {
            let secret = std::mem::replace(&mut webhook.secret, secret);
            webhook.previous = Some(PreviousSecret { secret, until });
            Ok(())
        })
        .await
    }

    /// # Errors
    /// [`WebhookError::NoSuchWebhook`]; [`StoreError::Stale`] for another version.
    pub async fn webhook_delete(
        &self,
        scope: &Scope,
        id: WebhookId,
        expected: Option<Version>,
    ) -> Result<(), WebhookError> {
        let mut tx = self.store.begin().await?;
        let webhook = find(&mut *tx, scope, id, expected).await?;
        tx.webhooks().webhook_delete(&webhook).await?;
        tx.audit().record(self.audit(scope, AuditVerb::Delete, id).before(&webhook)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// What was, is and will be posted to a webhook, newest first.
    ///
    /// # Errors
    /// [`WebhookError::NoSuchWebhook`].
    pub async fn delivery_list(
        &self,
        scope: &Scope,
        id: WebhookId,
        state: Option<DeliveryState>,
        page: PageRequest,
    ) -> Result<Page<EventDelivery>, WebhookError> {
        self.webhook_get(scope, id).await?;
        Ok(self.reader.event_delivery_list(id, state, page).await?)
    }

    /// Posts an event again, whatever became of it: with the same id, and as it was written then.
    ///
    /// # Errors
    /// [`WebhookError::NoSuchDelivery`]; [`WebhookError::Disabled`].
    pub async fn delivery_replay(
        &self,
        scope: &Scope,
        id: WebhookId,
        delivery: WebhookDeliveryId,
    ) -> Result<EventDelivery, WebhookError> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let webhook = find(&mut *tx, scope, id, None).await?;
        let found = tx.webhooks().event_delivery_find(id, delivery).await?;
        let mut delivery = found.ok_or(WebhookError::NoSuchDelivery)?;
        if !webhook.enabled {
            return Err(WebhookError::Disabled);
        }
        let claimed = delivery.claimed_until;
        delivery.state = DeliveryState::Pending;
        delivery.attempts = 0;
        // Whoever is just posting it finds that it is not theirs any more.
        (delivery.claimed_until, delivery.finished_at, delivery.last_error) = (None, None, None);
        (delivery.first_due_at, delivery.due_at) = (now, now);
        tx.webhooks().event_delivery_update(&delivery, claimed).await?;
        let entry = self.audit(scope, AuditVerb::Update, id);
        tx.audit().record(entry.after(&serde_json::json!({ "replayed_delivery": delivery.id }))).await?;
        tx.commit().await?;
        Ok(delivery)
    }

    async fn update(
        &self,
        scope: &Scope,
        id: WebhookId,
        expected: Option<Version>,
        change: impl FnOnce(&mut PartnerWebhook) -> Result<(), WebhookError> + Send,
    ) -> Result<PartnerWebhook, WebhookError> {
        let mut tx = self.store.begin().await?;
        let before = find(&mut *tx, scope, id, expected).await?;
        let mut webhook = before.clone();
        change(&mut webhook)?;
        webhook.version = before.version.next();
        webhook.updated_at = self.clock.now();
        tx.webhooks().webhook_update(&webhook, before.version).await?;
        tx.audit().record(self.audit(scope, AuditVerb::Update, id).before(&before).after(&webhook)).await?;
        tx.commit().await?;
        Ok(webhook)
    }

    fn audit(&self, scope: &Scope, verb: AuditVerb, id: WebhookId) -> AuditEntry {
        AuditEntry::new(scope, &*self.clock, &*self.ids, verb, "webhook", id)
    }
}

async fn find(
    tx: &mut dyn WebhookTx,
    scope: &Scope,
    id: WebhookId,
    expected: Option<Version>,
) -> Result<PartnerWebhook, WebhookError> {
    let owner = owner(scope)?;
    let found = tx.webhooks().webhook_find(scope.organisation(), id).await?;
    let webhook = found.filter(|webhook| webhook.owner == owner).ok_or(WebhookError::NoSuchWebhook)?;
    if expected.is_some_and(|expected| expected != webhook.version) {
        return Err(StoreError::Stale.into());
    }
    Ok(webhook)
}
