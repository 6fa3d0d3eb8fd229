//! Alerts that rise and end by what happens, and by looks at what is.

use std::{sync::Arc, time::Duration};

use charging::{DepotAllocation, SetpointReader};
use chrono::TimeDelta;
use depot::DepotReader;
use kernel::{Clock, StoreError};
use notification::{About, AlertKind, ExpiringKeys, Follower, Keeper, Severity, Sighting};
use runtime::Process;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::{
    pace::{Backoff, wait},
    turn::{Turn, Turns},
};

/// How long what happened may wait to be looked at; shorter than a lease, so that the turn is kept.
const POLL: Duration = Duration::from_millis(250);
/// How often a worker asks for the turn of another.
const ASK: Duration = Duration::from_secs(2);
/// How often each look is due.
const RIPEN: TimeDelta = TimeDelta::seconds(2);
const LIMITS: TimeDelta = TimeDelta::seconds(10);
const KEYS: TimeDelta = TimeDelta::days(1);
const FORGET: TimeDelta = TimeDelta::hours(1);
/// A step of the control that is older says nothing about now.
const FRESH: TimeDelta = TimeDelta::minutes(1);

/// Keeps the alerts, in one worker at a time.
pub(crate) struct Alerts {
    keeper: Keeper,
    follower: Follower,
    depots: Arc<dyn DepotReader>,
    allocations: Arc<dyn SetpointReader>,
    keys: Arc<dyn ExpiringKeys>,
    clock: Arc<dyn Clock>,
    turns: Turns,
    limit_patience: TimeDelta,
    keys_ahead: TimeDelta,
    retention: TimeDelta,
}

/// When each look was last taken.
#[derive(Default)]
struct Looks {
    ripened: Option<kernel::Timestamp>,
    limits: Option<kernel::Timestamp>,
    keys: Option<kernel::Timestamp>,
    forgot: Option<kernel::Timestamp>,
}

impl Alerts {
    pub(crate) fn new(process: &Process, turns: Turns) -> Self {
        let (backends, settings) = (&process.backends, &process.config.alerts);
        let keeper = runtime::notify::keeper(backends, &process.config);
        Self {
            follower: Follower::new(keeper.clone(), backends.sea.clone()),
            keeper,
            depots: backends.sea.clone(),
            allocations: backends.sea.clone(),
            keys: backends.sea.clone(),
            clock: backends.clock.clone(),
            turns,
            limit_patience: TimeDelta::seconds(settings.limit_exceeded_after_seconds.into()),
            keys_ahead: TimeDelta::days(settings.api_key_days.into()),
            retention: TimeDelta::days(settings.alert_retention_days.into()),
        }
    }

    /// Follows until told to stop.
    pub(crate) async fn run(mut self, stopping: CancellationToken) {
        let (mut backoff, mut turn, mut looks) = (Backoff::default(), Turn::of("alerts"), Looks::default());
        while !stopping.is_cancelled() {
            let patience = if turn.take(&self.turns).await.is_none() {
                self.follower.begin_anew();
                ASK
            } else {
                match self.step(&mut looks).await {
                    Ok(0) => {
                        backoff.succeeded();
                        POLL
                    }
                    Ok(events) => {
                        metrics::counter!("alerts_events_followed_total").increment(events as u64);
                        continue;
                    }
                    Err(error) => {
                        let error = &error as &dyn std::error::Error;
                        tracing::warn!(error, "alerts cannot be kept for now");
                        self.follower.begin_anew();
                        backoff.failed()
                    }
                }
            };
            wait(None, patience, &stopping).await;
        }
        turn.give_back(&self.turns).await;
    }

    /// Takes up some events; where there are none, looks at what is due.
    async fn step(&mut self, looks: &mut Looks) -> Result<usize, StoreError> {
        let events = self.follower.step().await?;
        let now = self.clock.now();
        let is_due = |last: Option<kernel::Timestamp>, every| last.is_none_or(|last| now - last >= every);
        if is_due(looks.ripened, RIPEN) {
            self.keeper.ripen().await?;
            looks.ripened = Some(now);
        }
        if events > 0 {
            return Ok(events);
        }
        if is_due(looks.limits, LIMITS) {
            self.look_at_limits().await?;
            looks.limits = Some(now);
        }
        if is_due(looks.keys, KEYS) {
            self.keeper.look_at_keys(&*self.keys, self.keys_ahead).await?;
            looks.keys = Some(now);
        }
        if is_due(looks.forgot, FORGET) {
            self.keeper.forget(now - self.retention).await?;
            looks.forgot = Some(now);
        }
        Ok(0)
    }

    async fn look_at_limits(&self) -> Result<(), StoreError> {
        for (organisation, depot) in self.depots.depots_everywhere().await? {
            let Some(allocation) = self.allocations.allocation_of(organisation, depot).await? else {
                continue;
            };
            if self.clock.now() - allocation.computed_at > FRESH {
                continue;
            }
            let (kind, standing) = (AlertKind::LimitExceeded, exceeded(&allocation));
            self.keeper.reconcile(organisation, kind, Some(depot), standing, self.limit_patience).await?;
        }
        Ok(())
    }
}

/// The circuits that are measured to carry more than they may: chargers and whatever else hangs on
/// them.
fn exceeded(allocation: &DepotAllocation) -> Vec<Sighting> {
    let too_much = allocation.circuits.iter().filter_map(|node| {
        let (usable, carried) = (node.usable?, node.measured + node.unmanaged);
        (carried > usable).then(|| Sighting {
            kind: AlertKind::LimitExceeded,
            subject: node.circuit.to_string(),
            severity: Severity::Critical,
            summary: format!(
                "the circuit carries {:.1} kW, it may carry {:.1} kW",
                carried.to_kilo(),
                usable.to_kilo()
            ),
            about: About { depot: Some(allocation.depot), circuit: Some(node.circuit), ..About::default() },
            details: json!({
                "measured_kw": node.measured.to_kilo(),
                "unmanaged_kw": node.unmanaged.to_kilo(),
                "usable_kw": usable.to_kilo(),
                "limit_kw": node.limit.map(kernel::W::to_kilo),
            }),
        })
    });
    too_much.collect()
}

#[cfg(test)]
mod tests {
    use charging::NodeUse;
    use kernel::{
        IdSource, W,
        testing::{CountingIds, FakeClock},
    };

    use super::*;

    #[test]
    fn a_circuit_carries_too_much_with_what_others_draw() {
        let ids = CountingIds::default();
        let node = |usable: Option<i64>, measured, unmanaged| NodeUse {
            circuit: ids.uuid().into(),
            limit: Some(W(110_000)),
            usable: usable.map(W),
            used: W(0),
            measured: W(measured),
            unmanaged: W(unmanaged),
        };
        let allocation = DepotAllocation {
            depot: ids.uuid().into(),
            computed_at: FakeClock::default().now(),
            plan_use: charging::PlanUse::NotWanted,
            plan_computed_at: None,
            evses: Vec::new(),
            circuits: vec![
                node(Some(100_000), 60_000, 40_000),
                node(Some(100_000), 60_000, 40_001),
                node(None, 900_000, 0),
            ],
        };
        let found = exceeded(&allocation);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].about.circuit, Some(allocation.circuits[1].circuit));
        assert_eq!(found[0].summary, "the circuit carries 100.0 kW, it may carry 100.0 kW");
    }
}
