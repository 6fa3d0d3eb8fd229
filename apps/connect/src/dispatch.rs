//! Orders carried to chargers: each charger's in their order, different chargers side by side.

use std::{collections::HashSet, sync::Arc, time::Duration};

use charge_point::{ChargerRef, CommandQueue};
use chrono::TimeDelta;
use connect_router::Dispatcher;
use kernel::{ChargePointId, Clock};
use tokio::{sync::Notify, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::gateway::Gateway;

/// How long orders of another process may wait: only our own ring the bell.
const POLL: Duration = Duration::from_secs(1);
/// Orders that were never sent are given up after this.
const STALE: TimeDelta = TimeDelta::hours(1);
/// How much longer than its timeout an order may be on its way before it counts as lost.
const LOST_AFTER: TimeDelta = TimeDelta::minutes(2);
/// How often lost orders are looked for.
const SWEEP: Duration = Duration::from_secs(60);

/// What carries orders.
pub(crate) struct Orders {
    pub(crate) dispatcher: Arc<Dispatcher>,
    pub(crate) queue: Arc<CommandQueue>,
    /// Among several gateways each carries the orders of its own chargers, and workers end lost
    /// ones.
    pub(crate) among_several: Option<Gateway>,
    pub(crate) clock: Arc<dyn Clock>,
    /// Rung when orders were given.
    pub(crate) bell: Arc<Notify>,
    pub(crate) call_timeout: Duration,
}

impl Orders {
    /// Carries orders until told to stop, then finishes those in hand.
    pub(crate) async fn carry(self, stopping: CancellationToken) {
        // Whatever was on its way when the process before this one ended is lost.
        if self.among_several.is_none() {
            self.sweep(TimeDelta::zero()).await;
        }
        let timeout = TimeDelta::from_std(self.call_timeout).unwrap_or(LOST_AFTER);
        let mut busy: HashSet<ChargePointId> = HashSet::new();
        let mut tasks: JoinSet<ChargerRef> = JoinSet::new();
        let mut sweep = tokio::time::interval(SWEEP);
        sweep.tick().await;
        while !stopping.is_cancelled() {
            match self.dispatcher.waiting().await {
                Ok(waiting) => {
                    for charger in waiting {
                        let elsewhere = |gateway: &Gateway| !gateway.holds(charger.charge_point);
                        if self.among_several.as_ref().is_some_and(elsewhere) {
                            continue;
                        }
                        if busy.insert(charger.charge_point) {
                            tasks.spawn(carry_to(self.dispatcher.clone(), charger));
                        }
                    }
                }
                Err(error) => tracing::warn!(%error, "orders cannot be read"),
            }
            tokio::select! {
                () = stopping.cancelled() => {}
                () = self.bell.notified() => {}
                () = tokio::time::sleep(POLL) => {}
                Some(done) = tasks.join_next() => {
                    if let Ok(charger) = done {
                        busy.remove(&charger.charge_point);
                    }
                }
                _ = sweep.tick(), if self.among_several.is_none() => self.sweep(timeout + LOST_AFTER).await,
            }
        }
        tasks.join_all().await;
    }

    async fn sweep(&self, older: TimeDelta) {
        let now = self.clock.now();
        match self.queue.expire(now - older, now - STALE).await {
            Ok(0) => {}
            Ok(lost) => tracing::info!(lost, "orders that nobody will answer were ended"),
            Err(error) => tracing::warn!(%error, "lost orders cannot be ended"),
        }
    }
}

async fn carry_to(dispatcher: Arc<Dispatcher>, charger: ChargerRef) -> ChargerRef {
    match dispatcher.dispatch(charger).await {
        Ok(sent) => metrics::counter!("connect_orders_total").increment(sent as u64),
        Err(error) => {
            tracing::warn!(charge_point = %charger.charge_point, %error, "an order cannot be carried out");
            tokio::time::sleep(POLL).await;
        }
    }
    charger
}
