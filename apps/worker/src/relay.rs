//! From the outbox to whoever listens: at least once, and in order per key.

use std::{sync::Arc, time::Duration};

use kernel::{EventSubscriber, OutboxReader, StoreError};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::pace::{Backoff, wait};

/// Events published between two marks.
const BATCH: u16 = 256;
/// How long events of another process may wait: only our own ring the bell.
const POLL: Duration = Duration::from_secs(1);

/// Publishes until told to stop. `bell` rings when events became durable.
pub async fn relay(
    outbox: Arc<dyn OutboxReader>,
    bell: Arc<Notify>,
    subscriber: Arc<dyn EventSubscriber>,
    stopping: CancellationToken,
) {
    let mut backoff = Backoff::default();
    while !stopping.is_cancelled() {
        let patience = match publish(&*outbox, &*subscriber).await {
            Ok(BATCH) => continue,
            Ok(_) => {
                backoff.succeeded();
                POLL
            }
            Err(error) => {
                tracing::warn!(%error, "events cannot be published");
                backoff.failed()
            }
        };
        wait(Some(&bell), patience, &stopping).await;
    }
}

/// Publishes one batch and returns its size. Events are marked after they were received, so a
/// crash in between repeats them.
async fn publish(outbox: &dyn OutboxReader, subscriber: &dyn EventSubscriber) -> Result<u16, StoreError> {
    let events = outbox.unpublished(BATCH).await?;
    let mut sequences = Vec::with_capacity(events.len());
    for stored in &events {
        subscriber.receive(&stored.event).await;
        sequences.push(stored.sequence);
    }
    outbox.mark_published(&sequences).await?;
    metrics::counter!("events_published_total").increment(sequences.len() as u64);
    Ok(u16::try_from(sequences.len()).unwrap_or(BATCH))
}
