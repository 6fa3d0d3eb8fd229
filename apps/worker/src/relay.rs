//! From the outbox to whoever listens: at least once, and in order per key.

use std::{sync::Arc, time::Duration};

use kernel::{Event, EventPublisher, EventSubscriber, OutboxReader, StoreError};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::{
    pace::{Backoff, wait},
    turn::{Turn, Turns},
};

/// Events published between two marks.
const BATCH: u16 = 512;
/// How long events of another process may wait: only our own ring the bell.
const POLL: Duration = Duration::from_millis(100);
/// How often a worker asks for the turn of another.
const ASK: Duration = Duration::from_secs(2);

/// Takes events from the outbox to where they are heard.
pub(crate) struct Relay {
    pub(crate) outbox: Arc<dyn OutboxReader>,
    pub(crate) publisher: Arc<dyn EventPublisher>,
    /// Hears events right after they were published, in the worker that published them.
    pub(crate) first: Option<Arc<dyn EventSubscriber>>,
    pub(crate) turns: Turns,
    /// Rings when events became durable.
    pub(crate) bell: Arc<Notify>,
}

impl Relay {
    /// Publishes until told to stop.
    pub(crate) async fn run(self, stopping: CancellationToken) {
        let (mut backoff, mut turn) = (Backoff::default(), Turn::of("relay"));
        while !stopping.is_cancelled() {
            let patience = match turn.take(&self.turns).await {
                None => ASK,
                Some(_) => match self.publish().await {
                    Ok(BATCH) => continue,
                    Ok(_) => {
                        backoff.succeeded();
                        POLL
                    }
                    Err(error) => {
                        tracing::warn!(%error, "events cannot be published");
                        metrics::counter!("events_publish_failed_total").increment(1);
                        backoff.failed()
                    }
                },
            };
            wait(Some(&self.bell), patience, &stopping).await;
        }
        turn.give_back(&self.turns).await;
    }

    /// Publishes one batch and returns its size. Events are marked after they were published, so
    /// a crash in between repeats them.
    async fn publish(&self) -> Result<u16, StoreError> {
        let stored = self.outbox.unpublished(BATCH).await?;
        if stored.is_empty() {
            return Ok(0);
        }
        let sequences: Vec<i64> = stored.iter().map(|stored| stored.sequence).collect();
        let events: Vec<Event> = stored.into_iter().map(|stored| stored.event).collect();
        self.publisher.publish(&events).await?;
        if let Some(first) = &self.first {
            for event in &events {
                first.receive(event).await;
            }
        }
        self.outbox.mark_published(&sequences).await?;
        metrics::counter!("events_published_total").increment(sequences.len() as u64);
        Ok(u16::try_from(sequences.len()).unwrap_or(BATCH))
    }
}
