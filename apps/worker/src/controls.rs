//! The control loop of every depot: at its pace, and at once when something happens.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use charging::ChargingError;
use depot::DepotReader;
use futures::{StreamExt, stream};
use kernel::{DepotId, OrganisationId};
use runtime::Services;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{pace::wait, wakes::Wakes};

/// Depots looked at side by side.
const AT_ONCE: usize = 8;
/// Events that come together are answered together.
const GATHER: Duration = Duration::from_millis(100);
/// How often new depots are looked for, besides events about them.
const RESCAN: Duration = Duration::from_secs(10);

/// Controls all depots until told to stop.
pub async fn control_depots(
    services: Arc<Services>,
    depots: Arc<dyn DepotReader>,
    wakes: Wakes,
    every: Duration,
    stopping: CancellationToken,
) {
    let mut known: BTreeMap<DepotId, OrganisationId> = BTreeMap::new();
    let mut scanned: Option<Instant> = None;
    let mut round: Option<Instant> = None;
    while !stopping.is_cancelled() {
        let wanted = wakes.take();
        let rescan = scanned.is_none_or(|at| at.elapsed() >= RESCAN)
            || wanted.as_ref().is_none_or(|wanted| wanted.iter().any(|depot| !known.contains_key(depot)));
        if rescan {
            match depots.depots_everywhere().await {
                Ok(all) => {
                    known = all.into_iter().map(|(organisation, depot)| (depot, organisation)).collect();
                    scanned = Some(Instant::now());
                }
                Err(error) => tracing::warn!(%error, "depots cannot be listed"),
            }
        }
        let full = wanted.is_none() || round.is_none_or(|at| at.elapsed() >= every);
        let due: Vec<(OrganisationId, DepotId)> = known
            .iter()
            .filter(|(depot, _)| full || wanted.as_ref().is_some_and(|wanted| wanted.contains(depot)))
            .map(|(depot, organisation)| (*organisation, *depot))
            .collect();
        if full {
            round = Some(Instant::now());
        }
        stream::iter(due).for_each_concurrent(AT_ONCE, |depot| look(&services, depot)).await;
        let next = every.saturating_sub(round.map_or(Duration::ZERO, |at| at.elapsed()));
        if wait(Some(wakes.depots()), next, &stopping).await {
            wait(None, GATHER, &stopping).await;
        }
    }
}

async fn look(services: &Services, (organisation, depot): (OrganisationId, DepotId)) {
    let begun = Instant::now();
    match services.control.tick(organisation, depot).await {
        Ok(ticked) => {
            metrics::histogram!("charging_step_duration_seconds").record(begun.elapsed().as_secs_f64());
            metrics::counter!("charging_orders_total").increment(ticked.orders as u64);
            if ticked.orders > 0 {
                tracing::debug!(%depot, orders = ticked.orders, pending = ticked.pending, "setpoints were ordered");
            }
        }
        // It was deleted since the depots were listed.
        Err(ChargingError::NoSuchDepot) => {}
        Err(error) => {
            metrics::counter!("charging_steps_failed_total").increment(1);
            let error = &error as &dyn std::error::Error;
            tracing::warn!(%depot, error, "a depot cannot be controlled; its chargers keep what they were told");
        }
    }
}
