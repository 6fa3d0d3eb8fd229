//! What webhooks need of a store, and of whoever knows what a key may hear.

use async_trait::async_trait;
use kernel::{
    ApiKeyId, Commit, Event, HasAudit, HasOutbox, HasPositions, OrganisationId, Page, PageRequest,
    StoreError, Timestamp, Version, WebhookDeliveryId, WebhookId,
};

use super::model::{DisabledWhy, EventDelivery, PartnerWebhook};
use crate::model::DeliveryState;

/// Webhooks and their deliveries, within a unit of work.
#[async_trait]
pub trait WebhookRepository: Send {
    async fn webhook_insert(&mut self, webhook: &PartnerWebhook) -> Result<(), StoreError>;

    /// Reads the row for change.
    async fn webhook_find(
        &mut self,
        organisation: OrganisationId,
        id: WebhookId,
    ) -> Result<Option<PartnerWebhook>, StoreError>;

    /// Stores the webhook where the stored version is still `read`; else [`StoreError::Stale`].
    async fn webhook_update(&mut self, webhook: &PartnerWebhook, read: Version) -> Result<(), StoreError>;

    /// Stores since when it fails, and nothing else: that is no new version.
    async fn webhook_failing(&mut self, id: WebhookId, since: Option<Timestamp>) -> Result<(), StoreError>;

    /// Disables it as a new version. False where it was not enabled.
    async fn webhook_disable(
        &mut self,
        id: WebhookId,
        why: DisabledWhy,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Deletes it with its deliveries where its version is still the one given; else
    /// [`StoreError::Stale`].
    async fn webhook_delete(&mut self, webhook: &PartnerWebhook) -> Result<(), StoreError>;

    async fn event_deliveries_insert(&mut self, deliveries: &[EventDelivery]) -> Result<(), StoreError>;

    /// Reads the row for change.
    async fn event_delivery_find(
        &mut self,
        webhook: WebhookId,
        id: WebhookDeliveryId,
    ) -> Result<Option<EventDelivery>, StoreError>;

    /// Claims those of any organisation that are due and nobody's work, oldest due first, and
    /// counts the attempt. No two callers claim the same.
    async fn event_deliveries_claim(
        &mut self,
        now: Timestamp,
        until: Timestamp,
        limit: u16,
    ) -> Result<Vec<EventDelivery>, StoreError>;

    /// Stores a delivery whose stored claim is still `claimed`; else [`StoreError::Stale`].
    async fn event_delivery_update(
        &mut self,
        delivery: &EventDelivery,
        claimed: Option<Timestamp>,
    ) -> Result<(), StoreError>;

    /// Forgets those that ended before the instant and returns how many there were.
    async fn event_deliveries_forget(&mut self, before: Timestamp) -> Result<u64, StoreError>;
}

pub trait HasWebhooks: Send {
    fn webhooks(&mut self) -> &mut dyn WebhookRepository;
}

/// The unit of work of webhooks.
pub trait WebhookTx: HasWebhooks + HasPositions + HasOutbox + HasAudit + Commit {}
impl<T: HasWebhooks + HasPositions + HasOutbox + HasAudit + Commit> WebhookTx for T {}

/// Reads outside a unit of work.
#[async_trait]
pub trait WebhookReader: Send + Sync {
    async fn webhook_get(
        &self,
        organisation: OrganisationId,
        id: WebhookId,
    ) -> Result<Option<PartnerWebhook>, StoreError>;

    /// Those of a key, oldest first.
    async fn webhook_list(
        &self,
        organisation: OrganisationId,
        owner: ApiKeyId,
        page: PageRequest,
    ) -> Result<Page<PartnerWebhook>, StoreError>;

    /// Those that are enabled in any of the organisations, oldest first.
    async fn webhooks_enabled(
        &self,
        organisations: &[OrganisationId],
    ) -> Result<Vec<PartnerWebhook>, StoreError>;

    /// Newest first.
    async fn event_delivery_list(
        &self,
        webhook: WebhookId,
        state: Option<DeliveryState>,
        page: PageRequest,
    ) -> Result<Page<EventDelivery>, StoreError>;
}

/// Knows what keys may hear.
#[async_trait]
pub trait Hearing: Send + Sync {
    /// For each event whether a key may hear of it now: none where the key does not hold any more.
    async fn heard(
        &self,
        organisation: OrganisationId,
        key: ApiKeyId,
        events: &[&Event],
    ) -> Result<Vec<bool>, StoreError>;
}
