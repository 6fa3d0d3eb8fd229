//! What this domain needs of a store.

use async_trait::async_trait;
use charge_point::CommandWork;
use kernel::{
    ChargePointId, ChargingOverrideId, CircuitId, Commit, DepotId, EvseId, HasFences, OrganisationId,
    StoreError, Timestamp, W,
};
use serde::{Deserialize, Serialize};

use crate::{
    control::{PlanUse, Setpoint, SetpointReason, TierSource},
    outlook::DepotPlan,
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
