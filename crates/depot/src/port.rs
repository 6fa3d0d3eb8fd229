//! What this domain needs of a store.

use async_trait::async_trait;
use kernel::{
    BayId, ChargePointId, CircuitId, Commit, DepotId, HasAudit, HasOutbox, LimitWindowId, OrganisationId,
    Page, PageRequest, Reach, StoreError, Version, ZoneId,
};

use crate::{
    model::{
        Bay, Circuit, Depot, DepotLive, ElectricityTariff, ExternalLimits, LimitWindow, LoadReading, Zone,
    },
    topology::Topology,
};

/// Depots and their yards within a unit of work. Rows of other organisations do not exist for it.
/// Updates and deletions meet a row whose version is still `read`, else [`StoreError::Stale`].
#[async_trait]
pub trait DepotRepository: Send {
    /// [`StoreError::Duplicate`] with rule `code`.
    async fn depot_insert(&mut self, depot: &Depot) -> Result<(), StoreError>;

    /// Reads the depot for change: whoever changes parts of a depot does so one at a time.
    async fn depot_find(
        &mut self,
        organisation: OrganisationId,
        id: DepotId,
    ) -> Result<Option<Depot>, StoreError>;

    async fn depot_update(&mut self, depot: &Depot, read: Version) -> Result<(), StoreError>;

    /// Deletes it with its zones, bays, circuits and tariff.
    async fn depot_delete(&mut self, depot: &Depot) -> Result<(), StoreError>;

    /// Whether charge points belong to the depot.
    async fn depot_has_charge_points(&mut self, id: DepotId) -> Result<bool, StoreError>;

    /// [`StoreError::Duplicate`] with rule `code`.
    async fn zone_insert(&mut self, zone: &Zone) -> Result<(), StoreError>;

    async fn zone_find(
        &mut self,
        organisation: OrganisationId,
        id: ZoneId,
    ) -> Result<Option<Zone>, StoreError>;

    async fn zone_update(&mut self, zone: &Zone, read: Version) -> Result<(), StoreError>;

    async fn zone_delete(&mut self, zone: &Zone) -> Result<(), StoreError>;

    /// Whether bays or charge points belong to the zone.
    async fn zone_in_use(&mut self, id: ZoneId) -> Result<bool, StoreError>;

    /// Whether a charge point belongs to the depot.
    async fn charge_point_in_depot(
        &mut self,
        organisation: OrganisationId,
        depot: DepotId,
        charge_point: ChargePointId,
    ) -> Result<bool, StoreError>;

    /// [`StoreError::Duplicate`] with rule `code`.
    async fn bay_insert(&mut self, bay: &Bay) -> Result<(), StoreError>;

    async fn bay_find(&mut self, organisation: OrganisationId, id: BayId) -> Result<Option<Bay>, StoreError>;

    async fn bay_update(&mut self, bay: &Bay, read: Version) -> Result<(), StoreError>;

    async fn bay_delete(&mut self, bay: &Bay) -> Result<(), StoreError>;

    async fn tariff_find(
        &mut self,
        organisation: OrganisationId,
        depot: DepotId,
    ) -> Result<Option<ElectricityTariff>, StoreError>;

    /// Adds or replaces the depot's tariff.
    async fn tariff_put(&mut self, tariff: &ElectricityTariff) -> Result<(), StoreError>;

    async fn tariff_delete(&mut self, tariff: &ElectricityTariff) -> Result<(), StoreError>;
}

/// The electrical tree within a unit of work.
#[async_trait]
pub trait CircuitRepository: Send {
    /// All of a depot's circuits, oldest first.
    async fn circuits_of(
        &mut self,
        organisation: OrganisationId,
        depot: DepotId,
    ) -> Result<Vec<Circuit>, StoreError>;

    async fn circuit_insert(&mut self, circuit: &Circuit) -> Result<(), StoreError>;

    async fn circuit_find(
        &mut self,
        organisation: OrganisationId,
        id: CircuitId,
    ) -> Result<Option<Circuit>, StoreError>;

    async fn circuit_update(&mut self, circuit: &Circuit, read: Version) -> Result<(), StoreError>;

    /// Deletes it with its windows, external limits and readings.
    async fn circuit_delete(&mut self, circuit: &Circuit) -> Result<(), StoreError>;

    async fn circuit_has_charge_points(&mut self, id: CircuitId) -> Result<bool, StoreError>;

    async fn window_count(&mut self, circuit: CircuitId) -> Result<usize, StoreError>;

    async fn window_insert(&mut self, window: &LimitWindow) -> Result<(), StoreError>;

    async fn window_find(
        &mut self,
        organisation: OrganisationId,
        id: LimitWindowId,
    ) -> Result<Option<LimitWindow>, StoreError>;

    async fn window_update(&mut self, window: &LimitWindow, read: Version) -> Result<(), StoreError>;

    async fn window_delete(&mut self, window: &LimitWindow) -> Result<(), StoreError>;

    /// Replaces what its source wanted before.
    async fn external_limits_put(&mut self, limits: &ExternalLimits) -> Result<(), StoreError>;

    /// Adds readings of a circuit's load by others; one for a known instant replaces it. Readings
    /// older than [`crate::LoadState::HISTORY`] may be forgotten.
    async fn load_append(&mut self, circuit: CircuitId, readings: &[LoadReading]) -> Result<(), StoreError>;
}

pub trait HasDepots: Send {
    fn depots(&mut self) -> &mut dyn DepotRepository;
}

pub trait HasCircuits: Send {
    fn circuits(&mut self) -> &mut dyn CircuitRepository;
}

/// The unit of work of this domain's use cases.
pub trait DepotTx: HasDepots + HasCircuits + HasOutbox + HasAudit + Commit {}
impl<T: HasDepots + HasCircuits + HasOutbox + HasAudit + Commit> DepotTx for T {}

#[derive(Clone, Debug, Default)]
pub struct DepotFilter {
    /// Part of the code or the name, in any case.
    pub search: Option<String>,
}

/// Reads outside a unit of work, oldest first.
#[async_trait]
pub trait DepotReader: Send + Sync {
    async fn depot_get(&self, organisation: OrganisationId, id: DepotId)
    -> Result<Option<Depot>, StoreError>;

    async fn depot_list(
        &self,
        reach: &Reach,
        filter: &DepotFilter,
        page: PageRequest,
    ) -> Result<Page<Depot>, StoreError>;

    /// Every depot of every organisation: for whoever controls them all.
    async fn depots_everywhere(&self) -> Result<Vec<(OrganisationId, DepotId)>, StoreError>;

    async fn zone_list(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
        page: PageRequest,
    ) -> Result<Page<Zone>, StoreError>;

    async fn bay_list(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
        page: PageRequest,
    ) -> Result<Page<Bay>, StoreError>;

    async fn tariff_get(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
    ) -> Result<Option<ElectricityTariff>, StoreError>;
}

/// A depot's whole tree with everything that limits it, in a number of queries that does not grow
/// with it.
#[async_trait]
pub trait TopologyReader: Send + Sync {
    async fn topology(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
    ) -> Result<Option<Topology>, StoreError>;
}

/// What other domains know about a depot right now.
#[async_trait]
pub trait LiveReader: Send + Sync {
    async fn depot_live(&self, organisation: OrganisationId, depot: DepotId)
    -> Result<DepotLive, StoreError>;
}
