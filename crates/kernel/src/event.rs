//! Domain events: facts that others care about, appended in the transaction that made them true.

use async_trait::async_trait;
use serde_json::Value;

use crate::{
    clock::Timestamp,
    id::{EventId, OrganisationId},
    store::StoreError,
};

/// A fact, published at least once and in order per key.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub id: EventId,
    pub organisation: OrganisationId,
    /// Name and version, e.g. `manage.transaction.started.v1`.
    pub name: &'static str,
    /// The id of the aggregate that changed: order is kept per key.
    pub key: String,
    pub occurred_at: Timestamp,
    pub data: Value,
}

/// Events of the running unit of work. They become visible when it commits, or never.
#[async_trait]
pub trait Outbox: Send {
    async fn append(&mut self, event: Event) -> Result<(), StoreError>;
}

pub trait HasOutbox: Send {
    fn outbox(&mut self) -> &mut dyn Outbox;
}
