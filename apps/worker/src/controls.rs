//! The control loop of every depot: at its pace, and at once when something happens.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use charging::{ChargingError, PlanUse};
use depot::DepotReader;
use futures::{StreamExt, stream};
use kernel::{DepotId, OrganisationId};
use runtime::Services;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{
    pace::wait,
    turn::{Turn, Turns},
    wakes::Wakes,
};

/// Depots looked at side by side.
const AT_ONCE: usize = 8;
/// Events that come together are answered together.
const GATHER: Duration = Duration::from_millis(100);
/// How often new depots are looked for, besides events about them.
const RESCAN: Duration = Duration::from_secs(10);

/// Controls depots, each in one worker at a time.
pub(crate) struct Controls {
    pub(crate) services: Arc<Services>,
    pub(crate) depots: Arc<dyn DepotReader>,
    pub(crate) turns: Turns,
    pub(crate) wakes: Wakes,
    pub(crate) every: Duration,
}

/// A depot, and whether it is ours to control.
struct Known {
    organisation: OrganisationId,
    turn: Turn,
    /// EVSEs that did not follow in its last step.
    not_following: usize,
}

impl Controls {
    /// Controls until told to stop.
    pub(crate) async fn run(self, stopping: CancellationToken) {
        let mut known: BTreeMap<DepotId, Known> = BTreeMap::new();
        let mut scanned: Option<Instant> = None;
        let mut round: Option<Instant> = None;
        while !stopping.is_cancelled() {
            let wanted = self.wakes.take();
            let rescan = scanned.is_none_or(|at| at.elapsed() >= RESCAN)
                || wanted.as_ref().is_none_or(|wanted| wanted.iter().any(|depot| !known.contains_key(depot)));
            if rescan && self.scan(&mut known).await {
                scanned = Some(Instant::now());
            }
            let full = wanted.is_none() || round.is_none_or(|at| at.elapsed() >= self.every);
            if full {
                round = Some(Instant::now());
            }
            let is_due =
                |depot: &DepotId| full || wanted.as_ref().is_some_and(|wanted| wanted.contains(depot));
            let due = known.iter_mut().filter(|(depot, _)| is_due(depot));
            stream::iter(due).for_each_concurrent(AT_ONCE, |(depot, known)| self.look(*depot, known)).await;
            metrics::gauge!("charging_depots_controlled").set(controlled(&known));
            let not_following = known.values().map(|known| known.not_following).sum();
            metrics::gauge!("charging_evses_not_following").set(gauge(not_following));
            let next = self.every.saturating_sub(round.map_or(Duration::ZERO, |at| at.elapsed()));
            if wait(Some(self.wakes.depots()), next, &stopping).await {
                wait(None, GATHER, &stopping).await;
            }
        }
        for known in known.values_mut() {
            known.turn.give_back(&self.turns).await;
        }
    }

    /// Looks for depots that came or went.
    async fn scan(&self, known: &mut BTreeMap<DepotId, Known>) -> bool {
        match self.depots.depots_everywhere().await {
            Ok(all) => {
                let there: BTreeSet<DepotId> = all.iter().map(|(_, depot)| *depot).collect();
                known.retain(|depot, _| there.contains(depot));
                for (organisation, depot) in all {
                    let new = || {
                        let turn = Turn::of(format!("control:{depot}"));
                        Known { organisation, turn, not_following: 0 }
                    };
                    known.entry(depot).or_insert_with(new);
                }
                true
            }
            Err(error) => {
                tracing::warn!(%error, "depots cannot be listed");
                false
            }
        }
    }

    async fn look(&self, depot: DepotId, known: &mut Known) {
        let Some(fence) = known.turn.take(&self.turns).await else { return };
        let begun = Instant::now();
        match self.services.control.tick(known.organisation, depot, &fence).await {
            Ok(ticked) => {
                metrics::histogram!("charging_step_duration_seconds").record(begun.elapsed().as_secs_f64());
                metrics::counter!("charging_orders_total").increment(ticked.orders as u64);
                known.not_following = ticked.not_following;
                if let PlanUse::Missing | PlanUse::Outdated = ticked.plan_use {
                    metrics::counter!("charging_steps_without_plan_total").increment(1);
                }
                if ticked.orders > 0 {
                    tracing::debug!(%depot, orders = ticked.orders, pending = ticked.pending, "setpoints were ordered");
                }
            }
            // It was deleted since the depots were listed.
            Err(ChargingError::NoSuchDepot) => {}
            Err(ChargingError::Fenced) => {
                tracing::info!(%depot, "another worker has taken a depot over");
                metrics::counter!("charging_steps_fenced_total").increment(1);
                known.turn.lost();
                known.not_following = 0;
            }
            Err(error) => {
                metrics::counter!("charging_steps_failed_total").increment(1);
                let error = &error as &dyn std::error::Error;
                tracing::warn!(%depot, error, "a depot cannot be controlled; its chargers keep what they were told");
            }
        }
    }
}

fn controlled(known: &BTreeMap<DepotId, Known>) -> f64 {
    gauge(known.values().filter(|known| known.turn.is_ours()).count())
}

fn gauge(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
