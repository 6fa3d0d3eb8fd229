//! The plan of every depot: at each new slot, when a vehicle strays from it, and soon after something
//! happens.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use charging::{ChargingError, Replanned, Trigger};
use depot::DepotReader;
use futures::{StreamExt, stream};
use kernel::{DepotId, OrganisationId};
use runtime::Services;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{
    pace::wait,
    plan_wakes::PlanWakes,
    turn::{Turn, Turns},
};

/// Depots looked at side by side. Each plan takes one thread that may be blocked.
const AT_ONCE: usize = 2;
/// How often it is looked whether plans are still good; shorter than a lease, so that turns are kept.
const LOOK: Duration = Duration::from_secs(5);
/// Events that come together are answered together.
const GATHER: Duration = Duration::from_secs(1);
/// How long a depot keeps a plan at least.
const SHORTEST: Duration = Duration::from_secs(5);
/// A plan is kept for so many times as long as it took to make it: large depots are planned less often.
const SHARE: u32 = 8;
/// How long a depot that cannot be planned is left alone.
const AFTER_FAILURE: Duration = Duration::from_secs(30);

/// Plans depots, each in one worker at a time.
pub(crate) struct Plans {
    pub(crate) services: Arc<Services>,
    pub(crate) depots: Arc<dyn DepotReader>,
    pub(crate) turns: Turns,
    pub(crate) wakes: PlanWakes,
}

/// A depot, and what is to be done about it.
struct Known {
    organisation: OrganisationId,
    turn: Turn,
    wanted: Option<Trigger>,
    /// Not to be planned before.
    rests_until: Option<Instant>,
}

impl Known {
    fn new(organisation: OrganisationId, depot: DepotId) -> Self {
        Self { organisation, turn: Turn::of(format!("plan:{depot}")), wanted: None, rests_until: None }
    }

    fn rest(&mut self, pause: Duration) {
        self.rests_until = Some(Instant::now() + pause);
    }
}

impl Plans {
    /// Plans until told to stop.
    pub(crate) async fn run(self, stopping: CancellationToken) {
        let mut known: BTreeMap<DepotId, Known> = BTreeMap::new();
        while !stopping.is_cancelled() {
            self.scan(&mut known).await;
            let wanted = self.wakes.take();
            for (depot, known) in &mut known {
                known.wanted = known.wanted.or(wanted.of(*depot));
            }
            let due = known.iter_mut();
            stream::iter(due).for_each_concurrent(AT_ONCE, |(depot, known)| self.look(*depot, known)).await;
            if wait(Some(self.wakes.depots()), LOOK, &stopping).await {
                wait(None, GATHER, &stopping).await;
            }
        }
        for known in known.values_mut() {
            known.turn.give_back(&self.turns).await;
        }
    }

    /// Looks for depots that came or went.
    async fn scan(&self, known: &mut BTreeMap<DepotId, Known>) {
        match self.depots.depots_everywhere().await {
            Ok(all) => {
                let there: BTreeSet<DepotId> = all.iter().map(|(_, depot)| *depot).collect();
                known.retain(|depot, _| there.contains(depot));
                for (organisation, depot) in all {
                    known.entry(depot).or_insert_with(|| Known::new(organisation, depot));
                }
            }
            Err(error) => tracing::warn!(%error, "depots cannot be listed"),
        }
    }

    async fn look(&self, depot: DepotId, known: &mut Known) {
        let Some(fence) = known.turn.take(&self.turns).await else {
            // Whoever has the turn hears of the same.
            known.wanted = None;
            return;
        };
        if known.rests_until.is_some_and(|until| Instant::now() < until) {
            return;
        }
        let plans = &self.services.plans;
        let trigger = match known.wanted {
            Some(trigger) => Ok(Some(trigger)),
            None => plans.due(known.organisation, depot).await,
        };
        let begun = Instant::now();
        let replanned = match trigger {
            Ok(None) => return,
            Ok(Some(trigger)) => plans.replan(known.organisation, depot, trigger, Some(&fence)).await,
            Err(error) => Err(error),
        };
        match replanned {
            Ok(found) => {
                known.wanted = None;
                known.rest((begun.elapsed() * SHARE).max(SHORTEST));
                count(depot, &found, begun.elapsed());
            }
            // It was deleted since the depots were listed.
            Err(ChargingError::NoSuchDepot) => known.wanted = None,
            Err(ChargingError::Fenced) => {
                tracing::info!(%depot, "another worker plans this depot now");
                metrics::counter!("plans_fenced_total").increment(1);
                known.turn.lost();
            }
            Err(error) => {
                metrics::counter!("plans_failed_total").increment(1);
                known.rest(AFTER_FAILURE);
                let error = &error as &dyn std::error::Error;
                tracing::warn!(%depot, error, "a depot cannot be planned; its last plan goes on");
            }
        }
    }
}

fn count(depot: DepotId, found: &Replanned, took: Duration) {
    metrics::counter!("plans_total", "trigger" => found.trigger.as_str()).increment(1);
    metrics::histogram!("plan_duration_seconds").record(took.as_secs_f64());
    metrics::histogram!("plan_unmet_kwh").record(found.unmet.to_kilo());
    metrics::counter!("runs_readiness_changed_total").increment(found.runs_changed as u64);
    tracing::debug!(
        %depot,
        trigger = found.trigger.as_str(),
        vehicles = found.vehicles,
        unmet_kwh = found.unmet.to_kilo(),
        "a depot was planned"
    );
}
