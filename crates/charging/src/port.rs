//! What this domain needs of a store.

use async_trait::async_trait;
use charge_point::CommandWork;
use dispatch::ReadinessWork;
use kernel::{
    ChargePointId, ChargingOverrideId, CircuitId, Commit, DepotId, EvseId, HasFences, OrganisationId,
    StoreError, Timestamp, VehicleId, W, Wh,
};
use serde::{Deserialize, Serialize};

use crate::{
    control::{PlanUse, Setpoint, SetpointReason, TierSource},
    outlook::{DepotOutlook, DepotPlan, LoadQuarter},
    plan,
};

/// Setpoints within a unit of work.
#[async_trait]
pub trait SetpointRepository: Send {
    /// Adds or replaces setpoints.
    async fn setpoints_save(&mut self, setpoints: &[Setpoint]) -> Result<(), StoreError>;

    /// Keeps what a step found, in place of the step before.
    async fn allocation_save(
        &mut self,
        organisation: OrganisationId,
        allocation: &DepotAllocation,
    ) -> Result<(), StoreError>;
}

pub trait HasSetpoints: Send {
    fn setpoints(&mut self) -> &mut dyn SetpointRepository;
}

/// The unit of work of a step: setpoints and the orders that carry them.
pub trait ChargingTx: HasSetpoints + HasFences + CommandWork + Commit {}
impl<T: HasSetpoints + HasFences + CommandWork + Commit> ChargingTx for T {}

#[async_trait]
pub trait SetpointReader: Send + Sync {
    async fn setpoints_of(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
    ) -> Result<Vec<Setpoint>, StoreError>;

    /// What the last step found; `None` before the first.
    async fn allocation_of(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
    ) -> Result<Option<DepotAllocation>, StoreError>;
}

#[async_trait]
pub trait PlanReader: Send + Sync {
    /// The newest plan; `None` before the first.
    async fn plan_of(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
    ) -> Result<Option<DepotPlan>, StoreError>;

    /// The newest plan with what its circuits carry.
    async fn outlook_of(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
    ) -> Result<Option<DepotOutlook>, StoreError>;

    /// What was planned of the slots that begin from `from` until before `to`, by time.
    async fn planned_slots(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<PlannedSlot>, StoreError>;
}

/// Forgetting what was planned.
#[async_trait]
pub trait PlanUpkeep: Send + Sync {
    /// Forgets the slots that began before an instant and returns how many there were.
    async fn planned_slots_forget(&self, before: Timestamp) -> Result<u64, StoreError>;
}

/// Plans within a unit of work.
#[async_trait]
pub trait PlanRepository: Send {
    /// Keeps a plan in place of the one before.
    async fn outlook_save(
        &mut self,
        organisation: OrganisationId,
        outlook: &DepotOutlook,
    ) -> Result<(), StoreError>;

    /// Keeps what was planned of slots; a slot that is known stays as it is.
    async fn planned_slots_save(
        &mut self,
        organisation: OrganisationId,
        depot: DepotId,
        slots: &[PlannedSlot],
    ) -> Result<(), StoreError>;
}

pub trait HasPlans: Send {
    fn plans(&mut self) -> &mut dyn PlanRepository;
}

/// The unit of work of planning: the plan, what it means for runs, and the events of both.
pub trait PlanTx: HasPlans + ReadinessWork + HasFences + Commit {}
impl<T: HasPlans + ReadinessWork + HasFences + Commit> PlanTx for T {}

/// What chargers of a depot were to draw together in a slot, by the plan that held when it began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlannedSlot {
    /// Its beginning.
    pub at: Timestamp,
    pub planned: W,
}

/// What a connector drew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChargerDrew {
    pub charge_point: ChargePointId,
    /// Counted over the whole charge point.
    pub connector: u16,
    pub energy: Wh,
}

/// What planning asks of the past.
#[async_trait]
pub trait PlanHistory: Send + Sync {
    /// The mean load of others by circuit and quarter of an hour, as far as it was measured since.
    async fn load_quarters(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
        since: Timestamp,
    ) -> Result<Vec<LoadQuarter>, StoreError>;

    /// What chargers of a depot drew together by quarter of an hour, from `from` until before `to`, by time.
    async fn charged_quarters(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<(Timestamp, Wh)>, StoreError>;

    /// What connectors of a depot drew in one quarter of an hour, until now.
    async fn drawn_in(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
        quarter: Timestamp,
    ) -> Result<Vec<ChargerDrew>, StoreError>;

    /// Where vehicles charged last at a depot, as far as they did since.
    async fn last_places(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
        since: Timestamp,
    ) -> Result<Vec<(VehicleId, EvseId)>, StoreError>;
}

/// Where plans are computed. A large one takes seconds of a processor, which must not be those of a
/// thread that serves others.
#[async_trait]
pub trait Planner: Send + Sync {
    /// [`StoreError::Unavailable`] where it was given up, as at a shutdown.
    async fn compute(&self, problem: plan::Problem) -> Result<plan::Plan, StoreError>;
}

/// What a step found, for whoever asks why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DepotAllocation {
    pub depot: DepotId,
    pub computed_at: Timestamp,
    /// Whether a plan was followed, and the newest there is.
    #[serde(default)]
    pub plan_use: PlanUse,
    #[serde(default)]
    pub plan_computed_at: Option<Timestamp>,
    pub evses: Vec<EvseShare>,
    /// Parents before their children.
    pub circuits: Vec<NodeUse>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EvseShare {
    pub evse: EvseId,
    pub charge_point: ChargePointId,
    /// The limit it was last told.
    pub setpoint: W,
    /// Whether the charger has confirmed that limit.
    pub confirmed: bool,
    /// What the allocation wants it to have once there is room.
    pub target: W,
    pub measured: Option<W>,
    pub demand: W,
    pub binding: Option<CircuitId>,
    pub priority_level: u8,
    /// What gave it that level.
    #[serde(default)]
    pub tier_source: TierSource,
    pub reason: SetpointReason,
    /// What the plan says for this moment, where one is followed.
    #[serde(default)]
    pub plan: Option<W>,
    /// The override that decides about it.
    #[serde(default)]
    pub over: Option<ChargingOverrideId>,
    /// It draws more than it was told, and telling it again did not help.
    #[serde(default)]
    pub not_following: bool,
    pub online: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NodeUse {
    pub circuit: CircuitId,
    /// The limit that holds now, in power.
    pub limit: Option<W>,
    /// The limit less the safety margin.
    pub usable: Option<W>,
    /// The most the chargers below may draw, by everything they were told.
    pub used: W,
    /// What they are measured to draw.
    pub measured: W,
    /// What others draw, here and below.
    pub unmanaged: W,
}
