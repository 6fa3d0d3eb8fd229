//! Keeping a plan and what it means for runs, in one unit of work.

use dispatch::{Prospect, Readiness, Run, assess, record_readiness};
use kernel::{Fence, OrganisationId, RunId, Timestamp, W};
use transaction::quarter_of;

use super::PlanService;
use crate::{
    error::ChargingError,
    event,
    outlook::{DepotOutlook, DepotPlan, Sight},
    port::PlannedSlot,
};

impl PlanService {
    /// Keeps what was found; returns how many runs stand otherwise than before.
    pub(super) async fn keep(
        &self,
        organisation: OrganisationId,
        sight: &Sight,
        found: &DepotOutlook,
        prospects: &[(RunId, Prospect)],
        fence: Option<&Fence>,
    ) -> Result<usize, ChargingError> {
        let judged: Vec<(Run, Readiness)> = prospects
            .iter()
            .filter_map(|(id, prospect)| {
                let run = sight.runs.iter().find(|run| run.id == *id)?;
                let found = assess(prospect, sight.now);
                says_anything_new(run, &found).then(|| (run.clone(), found))
            })
            .collect();
        let slots = begun(sight.before.as_ref(), &found.plan);
        let mut tx = self.units.begin().await?;
        if let Some(fence) = fence
            && !tx.fences().fence_passes(fence).await?
        {
            return Err(ChargingError::Fenced);
        }
        tx.plans().outlook_save(organisation, found).await?;
        tx.plans().planned_slots_save(organisation, found.plan.depot, &slots).await?;
        tx.outbox().append(event::plan(&*self.clock, &*self.ids, organisation, &found.plan)).await?;
        let changed = record_readiness(&mut *tx, &*self.clock, &*self.ids, organisation, judged).await?;
        tx.commit().await?;
        Ok(changed)
    }
}

/// Whether a judgement is worth keeping. The first one after the departure is the last, so it is in any
/// case.
fn says_anything_new(run: &Run, found: &Readiness) -> bool {
    let is_last = found.assessed_at.is_some_and(|at| at >= run.departure_at);
    is_last || Readiness { assessed_at: run.readiness.assessed_at, ..found.clone() } != run.readiness
}

/// What was planned of the slots that began since the plan before was made, by the plan that held then: the
/// one before, as far as it reaches; this one for a slot that no plan had seen.
pub(super) fn begun(before: Option<&DepotPlan>, plan: &DepotPlan) -> Vec<PlannedSlot> {
    let known = |plan: &DepotPlan, at: Timestamp| -> Option<W> {
        plan.slot_at(at).and_then(|slot| plan.charging.get(slot).copied())
    };
    let Some(before) = before else {
        let planned = plan.charging.first().copied().unwrap_or_default();
        return vec![PlannedSlot { at: plan.starts_at, planned }];
    };
    let grid = before.grid();
    let later = (1..before.slots).map(|slot| grid.at(slot)).take_while(|at| *at <= plan.starts_at);
    let mut slots: Vec<PlannedSlot> =
        later.filter_map(|at| Some(PlannedSlot { at, planned: known(before, at)? })).collect();
    let running = quarter_of(plan.computed_at);
    if before.slot_at(running).is_none() {
        slots.extend(known(plan, running).map(|planned| PlannedSlot { at: running, planned }));
    }
    slots
}
