//! Domain events: facts that others care about, appended in the transaction that made them true.

use std::borrow::Cow;

use async_trait::async_trait;
use serde_json::Value;

use crate::{
    clock::{Clock, IdSource, Timestamp},
    id::{EventId, OrganisationId},
    store::StoreError,
};

/// A fact, published at least once and in order per key.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub id: EventId,
    pub organisation: OrganisationId,
    /// Name and version, e.g. `manage.transaction.started.v1`.
    pub name: Cow<'static, str>,
    /// The id of the aggregate that changed: order is kept per key.
    pub key: String,
    pub occurred_at: Timestamp,
    pub data: Value,
}

impl Event {
    /// An event that happened now.
    pub fn new(
        clock: &dyn Clock,
        ids: &dyn IdSource,
        organisation: OrganisationId,
        name: &'static str,
        key: &(impl ToString + ?Sized),
        data: Value,
    ) -> Self {
        Self {
            id: ids.uuid().into(),
            organisation,
            name: Cow::Borrowed(name),
            key: key.to_string(),
            occurred_at: clock.now(),
            data,
        }
    }
}

/// Events of the running unit of work. They become visible when it commits, or never.
#[async_trait]
pub trait Outbox: Send {
    async fn append(&mut self, event: Event) -> Result<(), StoreError>;

    /// Many at once, in their order.
    async fn append_all(&mut self, events: Vec<Event>) -> Result<(), StoreError> {
        for event in events {
            self.append(event).await?;
        }
        Ok(())
    }
}

pub trait HasOutbox: Send {
    fn outbox(&mut self) -> &mut dyn Outbox;
}

/// An event as the outbox keeps it. `sequence` orders the events of one key.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredEvent {
    pub sequence: i64,
    pub event: Event,
}

/// The relay's side of the outbox.
#[async_trait]
pub trait OutboxReader: Send + Sync {
    /// Events not yet published, oldest first.
    async fn unpublished(&self, limit: u16) -> Result<Vec<StoredEvent>, StoreError>;

    /// Marks events as published. Marking twice changes nothing.
    async fn mark_published(&self, sequences: &[i64]) -> Result<(), StoreError>;

    /// Forgets events published before the instant and returns how many there were.
    async fn forget_published(&self, before: Timestamp) -> Result<u64, StoreError>;
}

/// Receives events after they became durable. Delivery is at least once and in order per key, so
/// a subscriber must tolerate repeats.
#[async_trait]
pub trait EventSubscriber: Send + Sync {
    async fn receive(&self, event: &Event);
}

/// Takes events to where all processes can hear them.
#[async_trait]
pub trait EventPublisher: Send + Sync {
    /// Publishes events in order. When it returns `Ok`, they will be delivered at least once.
    async fn publish(&self, events: &[Event]) -> Result<(), StoreError>;
}

/// A published event at its place in the feed. Places rise from 1 in the order in which events
/// were published: none appears before one that was seen. They have gaps for whoever sees only one
/// organisation.
#[derive(Clone, Debug, PartialEq)]
pub struct FedEvent {
    pub place: i64,
    pub event: Event,
}

/// Where the feed begins and ends now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FeedEnds {
    /// The place of the last event that was forgotten: whoever has read up to here, or further, has
    /// missed nothing. 0 where nothing was forgotten.
    pub forgotten: i64,
    /// The place of the newest event; 0 before the first.
    pub newest: i64,
}

/// What was published, for as long as it is kept.
#[async_trait]
pub trait EventFeed: Send + Sync {
    /// Events after a place, oldest first: of one organisation, or of all.
    async fn feed_after(
        &self,
        place: i64,
        organisation: Option<OrganisationId>,
        limit: u16,
    ) -> Result<Vec<FedEvent>, StoreError>;

    async fn feed_ends(&self) -> Result<FeedEnds, StoreError>;
}
