//! Forgetting what nobody will ask for again, and ending what nobody will finish.

use std::{sync::Arc, time::Duration};

use charge_point::CommandQueue;
use chrono::TimeDelta;
use kernel::{Clock, OutboxReader};
use message_log::FrameStore;
use report::ReportRunner;
use tokio_util::sync::CancellationToken;
use transaction::ReadingUpkeep;

use crate::{
    pace::wait,
    past::Past,
    turn::{Turn, Turns},
};

/// How often it is done; shorter than a lease, so that the turn is kept.
const EVERY: Duration = Duration::from_secs(5);
/// How often each chore is due.
const FORGET: TimeDelta = TimeDelta::minutes(10);
const EXPIRE: TimeDelta = TimeDelta::minutes(1);
/// How far ahead readings have their months.
const AHEAD: TimeDelta = TimeDelta::days(60);
/// Published events are kept for those who look back by hand.
const EVENTS: TimeDelta = TimeDelta::days(7);
const ORDERS: TimeDelta = TimeDelta::days(90);
/// How much longer than its timeout an order may be on its way before it counts as lost.
const LOST_AFTER: TimeDelta = TimeDelta::minutes(2);
/// Orders that were never sent are given up after this.
const STALE: TimeDelta = TimeDelta::hours(1);

/// Tidies up, in one worker at a time.
pub(crate) struct Housekeeping {
    pub(crate) outbox: Arc<dyn OutboxReader>,
    pub(crate) orders: Arc<CommandQueue>,
    pub(crate) readings: Arc<dyn ReadingUpkeep>,
    pub(crate) past: Past,
    pub(crate) frames: Arc<dyn FrameStore>,
    pub(crate) reports: Arc<ReportRunner>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) turns: Turns,
    /// How long a charger may take to answer, where lost orders are ours to end: the only gateway
    /// ends its own.
    pub(crate) call_timeout: Option<TimeDelta>,
    /// For how long readings are kept; for ever where it is not said.
    pub(crate) retention: Option<TimeDelta>,
}

impl Housekeeping {
    /// Tidies up until told to stop.
    pub(crate) async fn run(self, stopping: CancellationToken) {
        let mut turn = Turn::of("housekeeping");
        let (mut forgot, mut expired) = (None, None);
        while wait(None, EVERY, &stopping).await {
            if stopping.is_cancelled() || turn.take(&self.turns).await.is_none() {
                continue;
            }
            let now = self.clock.now();
            if expired.is_none_or(|at| now - at >= EXPIRE) {
                expired = Some(now);
                self.expire().await;
            }
            if forgot.is_none_or(|at| now - at >= FORGET) {
                forgot = Some(now);
                self.forget().await;
                self.keep_readings().await;
                self.past.forget(self.clock.now()).await;
            }
        }
        turn.give_back(&self.turns).await;
    }

    /// Room for the months to come, none for those that are over.
    async fn keep_readings(&self) {
        let now = self.clock.now();
        if let Err(error) = self.readings.months_ensure(now, now + AHEAD).await {
            tracing::warn!(%error, "the months to come cannot be prepared; their readings are kept all the same");
        }
        if let Some(retention) = self.retention
            && let Err(error) = self.readings.readings_forget(now - retention).await
        {
            tracing::warn!(%error, "old readings cannot be forgotten");
        }
    }

    async fn expire(&self) {
        let Some(call_timeout) = self.call_timeout else { return };
        let now = self.clock.now();
        match self.orders.expire(now - call_timeout - LOST_AFTER, now - STALE).await {
            Ok(0) => {}
            Ok(lost) => tracing::info!(lost, "orders that nobody will answer were ended"),
            Err(error) => tracing::warn!(%error, "lost orders cannot be ended"),
        }
    }

    async fn forget(&self) {
        let now = self.clock.now();
        match self.outbox.forget_published(now - EVENTS).await {
            Ok(events) => tracing::debug!(events, "old events were forgotten"),
            Err(error) => tracing::warn!(%error, "old events cannot be forgotten"),
        }
        match self.orders.forget(now - ORDERS).await {
            Ok(orders) => tracing::debug!(orders, "old orders were forgotten"),
            Err(error) => tracing::warn!(%error, "old orders cannot be forgotten"),
        }
        match self.frames.frames_forget(now).await {
            Ok(frames) => tracing::debug!(frames, "old frames were forgotten"),
            Err(error) => tracing::warn!(%error, "old frames cannot be forgotten"),
        }
        match self.reports.forget_expired().await {
            Ok(reports) => tracing::debug!(reports, "old reports were forgotten"),
            Err(error) => tracing::warn!(%error, "old reports cannot be forgotten"),
        }
    }
}
