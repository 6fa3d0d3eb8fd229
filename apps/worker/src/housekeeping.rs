//! Forgetting what nobody will ask for again.

use std::{sync::Arc, time::Duration};

use charge_point::CommandQueue;
use chrono::TimeDelta;
use kernel::{Clock, OutboxReader};
use tokio_util::sync::CancellationToken;

use crate::pace::wait;

const EVERY: Duration = Duration::from_secs(600);
/// Published events are kept for those who look back by hand.
const EVENTS: TimeDelta = TimeDelta::days(7);
const ORDERS: TimeDelta = TimeDelta::days(90);

/// Tidies up every ten minutes until told to stop.
pub async fn housekeeping(
    outbox: Arc<dyn OutboxReader>,
    orders: Arc<CommandQueue>,
    clock: Arc<dyn Clock>,
    stopping: CancellationToken,
) {
    while wait(None, EVERY, &stopping).await {
        let now = clock.now();
        match outbox.forget_published(now - EVENTS).await {
            Ok(events) => tracing::debug!(events, "old events were forgotten"),
            Err(error) => tracing::warn!(%error, "old events cannot be forgotten"),
        }
        match orders.forget(now - ORDERS).await {
            Ok(orders) => tracing::debug!(orders, "old orders were forgotten"),
            Err(error) => tracing::warn!(%error, "old orders cannot be forgotten"),
        }
    }
}
