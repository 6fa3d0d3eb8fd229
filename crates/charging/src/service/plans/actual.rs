//! What was planned, beside what was done.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use kernel::{DepotId, Invalid, Permission, Scope, Timestamp, W, Wh};
use transaction::{QUARTER, quarter_of};

use super::PlanService;
use crate::{error::ChargingError, outlook::DepotPlan};

/// How much is looked at together at most.
const LONGEST: TimeDelta = TimeDelta::days(32);

/// One slot of a depot's charging.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlannedAndActual {
    pub at: Timestamp,
    /// By the plan that held when the slot began; of slots to come, by the present one. `None` where there
    /// was no plan.
    pub planned: Option<W>,
    /// The mean that was measured; `None` until the slot has ended.
    pub actual: Option<W>,
}

impl PlannedAndActual {
    /// How much more was drawn than planned; below zero where less was.
    pub fn deviation(&self) -> Option<W> {
        Some(self.actual? - self.planned?)
    }
}

impl PlanService {
    /// Every slot that begins from `from` until before `to`; those of the last day where nothing is said.
    ///
    /// # Errors
    /// [`ChargingError::NoSuchDepot`] also for depots of others; [`ChargingError::Invalid`] for more than 32
    /// days, or a time that ends before it begins.
    pub async fn plan_vs_actual(
        &self,
        scope: &Scope,
        depot: DepotId,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
    ) -> Result<Vec<PlannedAndActual>, ChargingError> {
        scope.require(Permission::ChargingRead)?.sees(depot).await?.ok_or(ChargingError::NoSuchDepot)?;
        let organisation = scope.organisation();
        self.store.depot_get(organisation, depot).await?.ok_or(ChargingError::NoSuchDepot)?;
        let now = self.clock.now();
        let to = to.unwrap_or_else(|| from.map_or(now, |from| from + TimeDelta::days(1)));
        let from = from.unwrap_or(to - TimeDelta::days(1));
        if from >= to {
            return Err(Invalid::one("/to", "out_of_range", "must be after from").into());
        }
        if to - from > LONGEST {
            return Err(Invalid::one("/to", "too_long", "must be at most 32 days after from").into());
        }
        let begins = if quarter_of(from) == from { from } else { quarter_of(from) + QUARTER };
        let planned = self.store.planned_slots(organisation, depot, begins, to).await?;
        let planned: BTreeMap<Timestamp, W> =
            planned.into_iter().map(|slot| (slot.at, slot.planned)).collect();
        let charged = self.store.charged_quarters(organisation, depot, begins, to).await?;
        let charged: BTreeMap<Timestamp, Wh> = charged.into_iter().collect();
        let plan = self.store.plan_of(organisation, depot).await?;
        let slots = std::iter::successors(Some(begins), |at| Some(*at + QUARTER)).take_while(|at| *at < to);
        let slot = |at: Timestamp| PlannedAndActual {
            at,
            planned: planned.get(&at).copied().or_else(|| to_come(plan.as_ref(), at)),
            actual: (at + QUARTER <= now)
                .then(|| W(charged.get(&at).copied().unwrap_or(Wh::ZERO).get().saturating_mul(4))),
        };
        Ok(slots.map(slot).collect())
    }
}

fn to_come(plan: Option<&DepotPlan>, at: Timestamp) -> Option<W> {
    let plan = plan?;
    plan.slot_at(at).and_then(|slot| plan.charging.get(slot).copied())
}
