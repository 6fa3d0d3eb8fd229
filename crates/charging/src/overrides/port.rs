//! What overrides need of a store.

use async_trait::async_trait;
use kernel::{
    ChargePointId, ChargingOverrideId, Commit, EvseId, HasAudit, HasOutbox, OrganisationId, Page,
    PageRequest, Reach, StoreError, Timestamp, VehicleId,
};

use super::model::{ChargingOverride, OverrideTarget};

/// Overrides within a unit of work. Rows of other organisations do not exist for it.
#[async_trait]
pub trait OverrideRepository: Send {
    async fn charging_override_insert(&mut self, over: &ChargingOverride) -> Result<(), StoreError>;

    async fn charging_override_find(
        &mut self,
        organisation: OrganisationId,
        id: ChargingOverrideId,
    ) -> Result<Option<ChargingOverride>, StoreError>;

    /// [`StoreError::Stale`] where it is gone.
    async fn charging_override_delete(
        &mut self,
        organisation: OrganisationId,
        id: ChargingOverrideId,
    ) -> Result<(), StoreError>;
}

pub trait HasOverrides: Send {
    fn charging_overrides(&mut self) -> &mut dyn OverrideRepository;
}

/// The unit of work of the use cases of overrides.
pub trait OverrideTx: HasOverrides + HasOutbox + HasAudit + Commit {}
impl<T: HasOverrides + HasOutbox + HasAudit + Commit> OverrideTx for T {}

#[derive(Clone, Debug, Default)]
pub struct OverrideFilter {
    pub charge_point: Option<ChargePointId>,
    pub evse: Option<EvseId>,
    pub vehicle: Option<VehicleId>,
    /// Only those that end after this instant.
    pub active_at: Option<Timestamp>,
}

/// Reads outside a unit of work.
#[async_trait]
pub trait OverrideReader: Send + Sync {
    async fn charging_override_get(
        &self,
        organisation: OrganisationId,
        id: ChargingOverrideId,
    ) -> Result<Option<ChargingOverride>, StoreError>;

    /// Oldest first.
    async fn charging_override_list(
        &self,
        reach: &Reach,
        filter: &OverrideFilter,
        page: PageRequest,
    ) -> Result<Page<ChargingOverride>, StoreError>;

    /// All that end after an instant, oldest first.
    async fn charging_overrides_active(
        &self,
        organisation: OrganisationId,
        at: Timestamp,
    ) -> Result<Vec<ChargingOverride>, StoreError>;
}

/// Whether what an override names exists and is within reach.
#[async_trait]
pub trait KnownTargets: Send + Sync {
    async fn override_target_known(&self, reach: &Reach, target: OverrideTarget) -> Result<bool, StoreError>;

    /// The charge point that an EVSE is part of.
    async fn charge_point_of(
        &self,
        organisation: OrganisationId,
        evse: EvseId,
    ) -> Result<Option<ChargePointId>, StoreError>;
}
