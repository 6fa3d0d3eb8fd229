//! Messages that are due, on their way: any number of workers, each message by one.

use std::{sync::Arc, time::Duration};

use futures::{StreamExt, stream};
use notification::{DeliveryService, Outcome};
use tokio_util::sync::CancellationToken;

use crate::pace::{Backoff, wait};

/// How often it is looked for messages that are due.
const EVERY: Duration = Duration::from_secs(1);
/// Messages sent side by side: one receiver that is slow does not hold up the others.
const AT_ONCE: usize = 8;

/// Sends until told to stop.
pub(crate) async fn deliver(service: Arc<DeliveryService>, stopping: CancellationToken) {
    let mut backoff = Backoff::default();
    while !stopping.is_cancelled() {
        let patience = match service.claim().await {
            Ok(claimed) if claimed.is_empty() => {
                backoff.succeeded();
                EVERY
            }
            Ok(claimed) => {
                stream::iter(claimed)
                    .for_each_concurrent(AT_ONCE, |delivery| async {
                        let id = delivery.id;
                        match service.deliver(delivery).await {
                            Ok(outcome) => note(id, outcome),
                            Err(error) => {
                                tracing::warn!(delivery = %id, %error, "a message is tried again later");
                            }
                        }
                    })
                    .await;
                continue;
            }
            Err(error) => {
                tracing::warn!(%error, "messages cannot be claimed for now");
                backoff.failed()
            }
        };
        wait(None, patience, &stopping).await;
    }
}

fn note(delivery: kernel::DeliveryId, outcome: Outcome) {
    metrics::counter!("notifications_total", "outcome" => outcome.word()).increment(1);
    if outcome == Outcome::Failed {
        tracing::warn!(%delivery, "a message is given up");
    }
}
