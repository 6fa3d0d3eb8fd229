//! Readiness: as it is found, and as it is shown.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use kernel::{
    Clock, DepotId, IdSource, Invalid, OrganisationId, Permission, RunId, Scope, StoreError, Timestamp,
};

use super::DispatchService;
use crate::{
    error::DispatchError,
    event::Stamp,
    model::{Run, RunState},
    port::ReadinessWork,
    readiness::{Readiness, ReadinessState},
};

/// What is shown, unless told: the coming day, and what is overdue since the last.
const USUAL: TimeDelta = TimeDelta::hours(24);
const LONGEST: TimeDelta = TimeDelta::days(7);

/// How the runs of a depot stand.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadinessOverview {
    pub from: Timestamp,
    pub to: Timestamp,
    pub counts: BTreeMap<ReadinessState, usize>,
    /// By departure.
    pub runs: Vec<Run>,
}

impl DispatchService {
    /// The runs of a depot that depart in a time and are not cancelled. From now for a day, unless
    /// told; where no beginning is told, also those that should have departed in the last day and
    /// have not.
    ///
    /// # Errors
    /// [`DispatchError::NoSuchDepot`]; [`DispatchError::Invalid`] for an empty time or one longer
    /// than seven days.
    pub async fn readiness_at(
        &self,
        scope: &Scope,
        depot: DepotId,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
    ) -> Result<ReadinessOverview, DispatchError> {
        let reach = scope.require(Permission::DispatchRead)?;
        let (organisation, now) = (scope.organisation(), self.clock.now());
        let begin = from.unwrap_or(now);
        let end = to.unwrap_or(begin + USUAL);
        if end <= begin {
            return Err(Invalid::one("/to", "out_of_order", "must lie after from").into());
        }
        if end - begin > LONGEST {
            return Err(Invalid::one("/to", "out_of_range", "must lie within seven days of from").into());
        }
        if self.fleet.depots(&reach, Some(depot)).await?.is_empty() {
            return Err(DispatchError::NoSuchDepot);
        }
        let first = if from.is_some() { begin } else { now - USUAL };
        let mut runs = self.runs.runs_departing(organisation, depot, first, end).await?;
        runs.retain(|run| run.departure_at >= begin || run.state == RunState::Planned);
        let mut counts = BTreeMap::new();
        for run in &runs {
            *counts.entry(run.readiness.state).or_default() += 1;
        }
        Ok(ReadinessOverview { from: begin, to: end, counts, runs })
    }
}

/// Keeps what was found of runs inside the caller's unit of work, and tells of each whose state or
/// cause is another than before; returns how many those are. What was found of a run that has since
/// been changed, has departed, was cancelled or is gone is not kept.
///
/// # Errors
/// Store errors only.
pub async fn record_readiness(
    work: &mut dyn ReadinessWork,
    clock: &dyn Clock,
    ids: &dyn IdSource,
    organisation: OrganisationId,
    found: Vec<(Run, Readiness)>,
) -> Result<usize, StoreError> {
    let asked: Vec<RunId> = found.iter().map(|(run, _)| run.id).collect();
    if asked.is_empty() {
        return Ok(0);
    }
    let stored = work.runs().runs_find(organisation, &asked).await?;
    let mut stored: BTreeMap<RunId, Run> = stored.into_iter().map(|run| (run.id, run)).collect();
    let (mut kept, mut events) = (Vec::new(), Vec::new());
    for (judged, readiness) in found {
        let Some(mut run) = stored.remove(&judged.id) else { continue };
        if run.version != judged.version || run.state != RunState::Planned {
            continue;
        }
        let before = std::mem::replace(&mut run.readiness, readiness.clone());
        if (before.state, before.cause) != (readiness.state, readiness.cause) {
            events.push(Stamp { clock, ids }.readiness(&run, &before));
        }
        kept.push((run.id, readiness));
    }
    let changed = events.len();
    work.runs().readiness_save(organisation, &kept).await?;
    work.outbox().append_all(events).await?;
    Ok(changed)
}
