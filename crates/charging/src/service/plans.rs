//! The outlook of depots: looking, planning, and keeping what was found.

mod actual;
mod due;
mod keeping;
mod looking;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

pub use actual::PlannedAndActual;
use charge_point::ChargePointReader;
use chrono::TimeDelta;
use depot::{DepotReader, TopologyReader};
use dispatch::RunReader;
use kernel::{Begin, Clock, DepotId, Fence, IdSource, OrganisationId, Permission, Scope, Timestamp, Wh};
use priority::Priorities;
use transaction::OpenSessionReader;
use vehicle::VehicleReader;

use crate::{
    error::ChargingError,
    outlook::{DepotOutlook, History, Trigger, outlook, prospects, question},
    port::{PlanHistory, PlanReader, PlanTx, Planner, SetpointReader},
};

/// All that planning reads.
trait Store:
    TopologyReader
    + DepotReader
    + ChargePointReader
    + OpenSessionReader
    + VehicleReader
    + Priorities
    + SetpointReader
    + RunReader
    + PlanReader
    + PlanHistory
{
}
impl<T> Store for T where
    T: TopologyReader
        + DepotReader
        + ChargePointReader
        + OpenSessionReader
        + VehicleReader
        + Priorities
        + SetpointReader
        + RunReader
        + PlanReader
        + PlanHistory
{
}

/// After how long without progress charging has stalled, unless told.
const STALLED_AFTER: TimeDelta = TimeDelta::minutes(20);

/// Plans depots. One plan of one depot is made at a time, but for those that somebody asks for.
pub struct PlanService {
    store: Arc<dyn Store>,
    units: Arc<dyn Begin<dyn PlanTx>>,
    planner: Arc<dyn Planner>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    stalled_after: TimeDelta,
    /// The past of each depot, as it was read in the slot that began then.
    histories: Mutex<BTreeMap<DepotId, (Timestamp, History)>>,
}

/// What planning did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replanned {
    pub trigger: Trigger,
    pub vehicles: usize,
    pub unmet: Wh,
    /// Runs whose readiness is another than before.
    pub runs_changed: usize,
}

impl PlanService {
    pub fn new<S>(
        store: Arc<S>,
        planner: Arc<dyn Planner>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
    ) -> Self
    where
        S: Begin<dyn PlanTx>
            + TopologyReader
            + DepotReader
            + ChargePointReader
            + OpenSessionReader
            + VehicleReader
            + Priorities
            + SetpointReader
            + RunReader
            + PlanReader
            + PlanHistory
            + 'static,
    {
        Self {
            store: store.clone(),
            units: store,
            planner,
            clock,
            ids,
            stalled_after: STALLED_AFTER,
            histories: Mutex::default(),
        }
    }

    /// Charging that makes no progress for so long has stalled; 20 minutes, unless told.
    #[must_use]
    pub fn stalling_after(self, time: TimeDelta) -> Self {
        Self { stalled_after: time, ..self }
    }

    /// Makes a plan of a depot and keeps it, with what it foretells of its runs. Nothing has changed where
    /// it fails. `fence` says that it is our turn; whoever plans because somebody asked has none.
    ///
    /// # Errors
    /// [`ChargingError::NoSuchDepot`]; [`ChargingError::Unplannable`] where its tree is none;
    /// [`ChargingError::Fenced`] where it is no longer our turn.
    pub async fn replan(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
        trigger: Trigger,
        fence: Option<&Fence>,
    ) -> Result<Replanned, ChargingError> {
        let sight = self.look(organisation, depot).await?;
        let trigger = if sight.before.is_some() { trigger } else { Trigger::First };
        let mut asked = question(&sight, &BTreeSet::new())?;
        let mut plan = self.planner.compute(asked.problem.clone()).await?;
        let hurried = asked.hurried(&plan);
        if !hurried.is_empty() {
            asked = question(&sight, &hurried)?;
            plan = self.planner.compute(asked.problem.clone()).await?;
        }
        let found = outlook(&sight, &asked, &plan, trigger);
        let prospects = prospects(&sight, &asked, &found.plan);
        let runs_changed = self.keep(organisation, &sight, &found, &prospects, fence).await?;
        let (vehicles, unmet) = (found.plan.vehicles.len(), found.plan.unmet());
        Ok(Replanned { trigger, vehicles, unmet, runs_changed })
    }

    /// Makes a plan now, because somebody asked for it.
    ///
    /// # Errors
    /// As [`Self::replan`]; [`ChargingError::NoSuchDepot`] also for depots of others.
    pub async fn plan_now(&self, scope: &Scope, depot: DepotId) -> Result<DepotOutlook, ChargingError> {
        scope.require(Permission::ChargingWrite)?.sees(depot).await?.ok_or(ChargingError::NoSuchDepot)?;
        let organisation = scope.organisation();
        self.replan(organisation, depot, Trigger::Requested, None).await?;
        self.store.outlook_of(organisation, depot).await?.ok_or(ChargingError::NoSuchDepot)
    }

    /// The newest plan of a depot; `None` before the first.
    ///
    /// # Errors
    /// [`ChargingError::NoSuchDepot`] also for depots of others.
    pub async fn plan_get(
        &self,
        scope: &Scope,
        depot: DepotId,
    ) -> Result<Option<DepotOutlook>, ChargingError> {
        scope.require(Permission::ChargingRead)?.sees(depot).await?.ok_or(ChargingError::NoSuchDepot)?;
        let organisation = scope.organisation();
        self.store.depot_get(organisation, depot).await?.ok_or(ChargingError::NoSuchDepot)?;
        Ok(self.store.outlook_of(organisation, depot).await?)
    }
}
