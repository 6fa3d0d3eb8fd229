//! Events to all processes, and from all of them.

use std::sync::Arc;

use async_trait::async_trait;
use connect_router::DEAD_LETTER_KEPT;
use kernel::{Event, EventPublisher, EventSubscriber, StoreError};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{DEAD_LETTERS, EVENTS, Kafka, cloud_event::CloudEvent, producer::Message, tail::Tail};

#[async_trait]
impl EventPublisher for Kafka {
    async fn publish(&self, events: &[Event]) -> Result<(), StoreError> {
        let written: Result<Vec<_>, _> =
            events.iter().map(|event| serde_json::to_vec(&CloudEvent::from(event))).collect();
        let written = written.map_err(|error| StoreError::Failed(Box::new(error)))?;
        let mut messages = Vec::with_capacity(events.len());
        for (event, payload) in events.iter().zip(&written) {
            let message = |topic| Message { topic, partition: None, key: &event.key, payload };
            messages.push(message(EVENTS));
            if event.name == DEAD_LETTER_KEPT {
                messages.push(message(DEAD_LETTERS));
            }
        }
        self.producer.publish_all(&messages).await
    }
}

/// The events of all processes, from now on.
pub struct EventFeed(Tail);

impl Kafka {
    /// Begins to listen: no event that is published after this returns is missed.
    ///
    /// # Errors
    /// Where the brokers do not answer.
    pub async fn events(&self, reader: Uuid) -> Result<EventFeed, StoreError> {
        let partitions = self.partitions(EVENTS).await?;
        Ok(EventFeed(self.tail(EVENTS, 0..partitions, reader).await?))
    }
}

impl EventFeed {
    /// Passes events on until told to stop.
    pub async fn run(self, subscriber: Arc<dyn EventSubscriber>, stopping: CancellationToken) {
        while let Some(payload) = self.0.next(&stopping).await {
            match serde_json::from_slice::<CloudEvent>(&payload) {
                Ok(event) => subscriber.receive(&event.into()).await,
                Err(error) => tracing::warn!(%error, "an event cannot be read"),
            }
        }
    }
}
