//! A store that sees what a yard is, and keeps what is planned.

use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use charge_point::{ChargePoint, ChargePointFilter, ChargePointReader, ConfigurationKey};
use charging::{
    ChargerDrew, DepotAllocation, DepotOutlook, DepotPlan, HasPlans, PlanHistory, PlanReader, PlanRepository,
    PlanTx, PlannedSlot, Planner, Setpoint, SetpointReader,
    outlook::{LoadQuarter, Sight},
    plan::{Plan, Problem, Settings, plan},
};
use depot::{Bay, Depot, DepotFilter, DepotReader, ElectricityTariff, Topology, TopologyReader, Zone};
use dispatch::{HasRuns, Readiness, Run, RunReader, RunRepository};
use kernel::{
    Begin, ChargePointId, Commit, DepotId, Event, EvseId, Fence, Fences, HasFences, HasOutbox,
    OrganisationId, Outbox, Page, PageRequest, Reach, RunId, StoreError, Timestamp, VehicleId, Wh,
};
use priority::{Effective, Priorities, Stand};
use transaction::{OpenSession, OpenSessionReader};
use vehicle::{Vehicle, VehicleFilter, VehicleReader};

pub(super) struct Kept {
    pub(super) sight: Sight,
    pub(super) outlook: Option<DepotOutlook>,
    pub(super) slots: Vec<PlannedSlot>,
    pub(super) events: Vec<Event>,
    /// How often the planner was asked.
    pub(super) computed: usize,
}

/// Clones share their content.
#[derive(Clone)]
pub(super) struct FakeStore(Arc<Mutex<Kept>>);

impl FakeStore {
    pub(super) fn of(sight: Sight) -> Self {
        let kept = Kept { sight, outlook: None, slots: Vec::new(), events: Vec::new(), computed: 0 };
        Self(Arc::new(Mutex::new(kept)))
    }

    pub(super) fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap()
    }

    /// Names of the events that were told since the last time.
    pub(super) fn told(&self) -> Vec<String> {
        std::mem::take(&mut self.kept().events).into_iter().map(|event| event.name.into_owned()).collect()
    }
}

fn none<T>() -> Page<T> {
    Page { items: Vec::new(), next: None }
}

#[async_trait]
impl Planner for FakeStore {
    async fn compute(&self, problem: Problem) -> Result<Plan, StoreError> {
        self.kept().computed += 1;
        Ok(plan(&problem, Settings::default()))
    }
}

#[async_trait]
impl TopologyReader for FakeStore {
    async fn topology(&self, _: OrganisationId, _: DepotId) -> Result<Option<Topology>, StoreError> {
        Ok(Some(self.kept().sight.topology.clone()))
    }
}

#[async_trait]
impl DepotReader for FakeStore {
    async fn depot_get(
        &self,
        organisation: OrganisationId,
        id: DepotId,
    ) -> Result<Option<Depot>, StoreError> {
        let depot = (*self.kept().sight.topology.depot).clone();
        Ok(Some(depot).filter(|depot| depot.organisation == organisation && depot.id == id))
    }

    async fn depot_list(
        &self,
        _: &Reach,
        _: &DepotFilter,
        _: PageRequest,
    ) -> Result<Page<Depot>, StoreError> {
        Ok(none())
    }

    async fn depots_everywhere(&self) -> Result<Vec<(OrganisationId, DepotId)>, StoreError> {
        Ok(Vec::new())
    }

    async fn zone_list(
        &self,
        _: OrganisationId,
        _: DepotId,
        _: PageRequest,
    ) -> Result<Page<Zone>, StoreError> {
        Ok(none())
    }

    async fn bay_list(&self, _: OrganisationId, _: DepotId, _: PageRequest) -> Result<Page<Bay>, StoreError> {
        Ok(none())
    }

    async fn tariff_get(
        &self,
        _: OrganisationId,
        _: DepotId,
    ) -> Result<Option<ElectricityTariff>, StoreError> {
        Ok(self.kept().sight.tariff.clone())
    }
}

#[async_trait]
impl ChargePointReader for FakeStore {
    async fn charge_point_get(
        &self,
        _: OrganisationId,
        _: ChargePointId,
    ) -> Result<Option<ChargePoint>, StoreError> {
        Ok(None)
    }

    async fn charge_point_list(
        &self,
        _: &Reach,
        _: &ChargePointFilter,
        _: PageRequest,
    ) -> Result<Page<ChargePoint>, StoreError> {
        Ok(none())
    }

    async fn charge_points_of_depot(
        &self,
        _: OrganisationId,
        _: DepotId,
    ) -> Result<Vec<ChargePoint>, StoreError> {
        Ok(self.kept().sight.chargers.clone())
    }

    async fn configuration_list(
        &self,
        _: OrganisationId,
        _: ChargePointId,
    ) -> Result<Vec<ConfigurationKey>, StoreError> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl OpenSessionReader for FakeStore {
    async fn open_sessions(&self, _: OrganisationId, _: DepotId) -> Result<Vec<OpenSession>, StoreError> {
        Ok(self.kept().sight.sessions.clone())
    }
}

#[async_trait]
impl VehicleReader for FakeStore {
    async fn vehicle_get(&self, _: OrganisationId, id: VehicleId) -> Result<Option<Vehicle>, StoreError> {
        Ok(self.kept().sight.vehicles.get(&id).cloned())
    }

    async fn vehicle_list(
        &self,
        _: &Reach,
        _: &VehicleFilter,
        _: PageRequest,
    ) -> Result<Page<Vehicle>, StoreError> {
        Ok(none())
    }

    async fn vehicles_by_id(&self, _: OrganisationId, ids: &[VehicleId]) -> Result<Vec<Vehicle>, StoreError> {
        let kept = self.kept();
        Ok(ids.iter().filter_map(|id| kept.sight.vehicles.get(id).cloned()).collect())
    }
}

#[async_trait]
impl Priorities for FakeStore {
    async fn priorities_of(
        &self,
        _: OrganisationId,
        _: DepotId,
        stands: &[Stand],
        _: Timestamp,
    ) -> Result<Vec<Effective>, StoreError> {
        let nothing = Effective {
            level: kernel::PriorityLevel::default(),
            source: priority::Source::Default,
            because: None,
        };
        Ok(vec![nothing; stands.len()])
    }
}

#[async_trait]
impl SetpointReader for FakeStore {
    async fn setpoints_of(&self, _: OrganisationId, _: DepotId) -> Result<Vec<Setpoint>, StoreError> {
        Ok(self.kept().sight.setpoints.values().cloned().collect())
    }

    async fn allocation_of(
        &self,
        _: OrganisationId,
        _: DepotId,
    ) -> Result<Option<DepotAllocation>, StoreError> {
        Ok(None)
    }
}

#[async_trait]
impl RunReader for FakeStore {
    async fn runs_departing(
        &self,
        _: OrganisationId,
        _: DepotId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Run>, StoreError> {
        let kept = self.kept();
        let wanted = kept.sight.runs.iter().filter(|run| from <= run.departure_at && run.departure_at < to);
        Ok(wanted.cloned().collect())
    }
}

#[async_trait]
impl PlanReader for FakeStore {
    async fn plan_of(&self, _: OrganisationId, _: DepotId) -> Result<Option<DepotPlan>, StoreError> {
        Ok(self.kept().outlook.as_ref().map(|outlook| outlook.plan.clone()))
    }

    async fn outlook_of(&self, _: OrganisationId, _: DepotId) -> Result<Option<DepotOutlook>, StoreError> {
        Ok(self.kept().outlook.clone())
    }

    async fn planned_slots(
        &self,
        _: OrganisationId,
        _: DepotId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<PlannedSlot>, StoreError> {
        Ok(self.kept().slots.iter().filter(|slot| from <= slot.at && slot.at < to).copied().collect())
    }
}

#[async_trait]
impl PlanHistory for FakeStore {
    async fn load_quarters(
        &self,
        _: OrganisationId,
        _: DepotId,
        _: Timestamp,
    ) -> Result<Vec<LoadQuarter>, StoreError> {
        Ok(Vec::new())
    }

    async fn charged_quarters(
        &self,
        _: OrganisationId,
        _: DepotId,
        _: Timestamp,
        _: Timestamp,
    ) -> Result<Vec<(Timestamp, Wh)>, StoreError> {
        Ok(Vec::new())
    }

    async fn drawn_in(
        &self,
        _: OrganisationId,
        _: DepotId,
        _: Timestamp,
    ) -> Result<Vec<ChargerDrew>, StoreError> {
        Ok(Vec::new())
    }

    async fn last_places(
        &self,
        _: OrganisationId,
        _: DepotId,
        _: Timestamp,
    ) -> Result<Vec<(VehicleId, EvseId)>, StoreError> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl Begin<dyn PlanTx> for FakeStore {
    async fn begin(&self) -> Result<Box<dyn PlanTx>, StoreError> {
        let (outlook, readiness) = (None, Vec::new());
        Ok(Box::new(FakeTx {
            store: self.clone(),
            outlook,
            slots: Vec::new(),
            readiness,
            events: Vec::new(),
        }))
    }
}

struct FakeTx {
    store: FakeStore,
    outlook: Option<DepotOutlook>,
    slots: Vec<PlannedSlot>,
    readiness: Vec<(RunId, Readiness)>,
    events: Vec<Event>,
}

impl HasPlans for FakeTx {
    fn plans(&mut self) -> &mut dyn PlanRepository {
        self
    }
}

impl HasRuns for FakeTx {
    fn runs(&mut self) -> &mut dyn RunRepository {
        self
    }
}

impl HasFences for FakeTx {
    fn fences(&mut self) -> &mut dyn Fences {
        self
    }
}

impl HasOutbox for FakeTx {
    fn outbox(&mut self) -> &mut dyn Outbox {
        self
    }
}

#[async_trait]
impl PlanRepository for FakeTx {
    async fn outlook_save(&mut self, _: OrganisationId, outlook: &DepotOutlook) -> Result<(), StoreError> {
        self.outlook = Some(outlook.clone());
        Ok(())
    }

    async fn planned_slots_save(
        &mut self,
        _: OrganisationId,
        _: DepotId,
        slots: &[PlannedSlot],
    ) -> Result<(), StoreError> {
        self.slots.extend_from_slice(slots);
        Ok(())
    }
}

#[async_trait]
impl RunRepository for FakeTx {
    async fn run_find(&mut self, _: OrganisationId, id: RunId) -> Result<Option<Run>, StoreError> {
        Ok(self.store.kept().sight.runs.iter().find(|run| run.id == id).cloned())
    }

    async fn readiness_save(
        &mut self,
        _: OrganisationId,
        found: &[(RunId, Readiness)],
    ) -> Result<(), StoreError> {
        self.readiness.extend_from_slice(found);
        Ok(())
    }
}

#[async_trait]
impl Fences for FakeTx {
    /// Only the second token is good.
    async fn fence_passes(&mut self, fence: &Fence) -> Result<bool, StoreError> {
        Ok(fence.token == 2)
    }
}

#[async_trait]
impl Outbox for FakeTx {
    async fn append(&mut self, event: Event) -> Result<(), StoreError> {
        self.events.push(event);
        Ok(())
    }
}

#[async_trait]
impl Commit for FakeTx {
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        let mut kept = self.store.kept();
        kept.outlook = self.outlook.or(kept.outlook.take());
        kept.slots.extend(self.slots);
        kept.events.extend(self.events);
        for (id, found) in self.readiness {
            if let Some(run) = kept.sight.runs.iter_mut().find(|run| run.id == id) {
                run.readiness = found;
            }
        }
        Ok(())
    }
}
