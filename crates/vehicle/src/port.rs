//! What this domain needs of a store.

use async_trait::async_trait;
use kernel::{
    Commit, DepotId, HasAudit, HasOutbox, IdTagId, OrganisationId, Page, PageRequest, Reach, StoreError,
    VehicleId, Version,
};

use crate::model::{IdTag, IdTagKind, IdTagStatus, IdTagValue, Vehicle, VehicleName};

/// Vehicles within a unit of work. Rows of other organisations do not exist for it.
#[async_trait]
pub trait VehicleRepository: Send {
    /// [`StoreError::Duplicate`] with rule `fleet_number` or `vin`.
    async fn vehicle_insert(&mut self, vehicle: &Vehicle) -> Result<(), StoreError>;

    /// Reads the row for change: it stays as read until the unit of work ends.
    async fn vehicle_find(
        &mut self,
        organisation: OrganisationId,
        id: VehicleId,
    ) -> Result<Option<Vehicle>, StoreError>;

    /// As [`Self::vehicle_find`] of every vehicle among `ids` that exists, always in the same order:
    /// two units of work that want the same rows wait for each other, and not in a circle.
    async fn vehicles_find(
        &mut self,
        organisation: OrganisationId,
        ids: &[VehicleId],
    ) -> Result<Vec<Vehicle>, StoreError>;

    /// Stores everything but the live facts where the stored version is still `read`; else
    /// [`StoreError::Stale`].
    async fn vehicle_update(&mut self, vehicle: &Vehicle, read: Version) -> Result<(), StoreError>;

    /// Stores the live facts (state of charge, where it is plugged in) and nothing else. They
    /// change many times an hour and do not count as a new version.
    async fn vehicle_update_live(&mut self, vehicle: &Vehicle) -> Result<(), StoreError>;

    /// Deletes the row where its version is still `read`; else [`StoreError::Stale`].
    async fn vehicle_delete(
        &mut self,
        organisation: OrganisationId,
        id: VehicleId,
        read: Version,
    ) -> Result<(), StoreError>;
}

/// Id tags within a unit of work.
#[async_trait]
pub trait IdTagRepository: Send {
    /// [`StoreError::Duplicate`] with rule `value`.
    async fn id_tag_insert(&mut self, tag: &IdTag) -> Result<(), StoreError>;

    async fn id_tag_find(
        &mut self,
        organisation: OrganisationId,
        id: IdTagId,
    ) -> Result<Option<IdTag>, StoreError>;

    async fn id_tag_find_by_value(
        &mut self,
        organisation: OrganisationId,
        value: &IdTagValue,
    ) -> Result<Option<IdTag>, StoreError>;

    async fn id_tag_update(&mut self, tag: &IdTag, read: Version) -> Result<(), StoreError>;

    async fn id_tag_delete(
        &mut self,
        organisation: OrganisationId,
        id: IdTagId,
        read: Version,
    ) -> Result<(), StoreError>;
}

pub trait HasVehicles: Send {
    fn vehicles(&mut self) -> &mut dyn VehicleRepository;
}

pub trait HasIdTags: Send {
    fn id_tags(&mut self) -> &mut dyn IdTagRepository;
}

/// What recording a charger's messages touches of this domain, inside somebody else's unit of work.
pub trait VehicleWork: HasVehicles + HasIdTags + HasOutbox {}
impl<T: HasVehicles + HasIdTags + HasOutbox> VehicleWork for T {}

/// The unit of work of this domain's own use cases.
pub trait VehicleTx: VehicleWork + HasAudit + Commit {}
impl<T: VehicleWork + HasAudit + Commit> VehicleTx for T {}

#[derive(Clone, Debug, Default)]
pub struct VehicleFilter {
    pub depot: Option<DepotId>,
    /// The whole name of the class.
    pub class: Option<String>,
    /// Part of the fleet number, the registration or the VIN, in any case.
    pub search: Option<String>,
    pub plugged_in: Option<bool>,
    pub out_of_service: Option<bool>,
}

#[derive(Clone, Debug, Default)]
pub struct IdTagFilter {
    pub vehicle: Option<VehicleId>,
    pub value: Option<IdTagValue>,
    pub kind: Option<IdTagKind>,
    pub status: Option<IdTagStatus>,
}

/// Reads outside a unit of work, oldest first.
#[async_trait]
pub trait VehicleReader: Send + Sync {
    async fn vehicle_get(
        &self,
        organisation: OrganisationId,
        id: VehicleId,
    ) -> Result<Option<Vehicle>, StoreError>;

    async fn vehicle_list(
        &self,
        reach: &Reach,
        filter: &VehicleFilter,
        page: PageRequest,
    ) -> Result<Page<Vehicle>, StoreError>;

    /// Every vehicle among `ids` that exists, in no order.
    async fn vehicles_by_id(
        &self,
        organisation: OrganisationId,
        ids: &[VehicleId],
    ) -> Result<Vec<Vehicle>, StoreError>;
}

#[async_trait]
pub trait IdTagReader: Send + Sync {
    async fn id_tag_get(
        &self,
        organisation: OrganisationId,
        id: IdTagId,
    ) -> Result<Option<IdTag>, StoreError>;

    async fn id_tag_list(
        &self,
        reach: &Reach,
        filter: &IdTagFilter,
        page: PageRequest,
    ) -> Result<Page<IdTag>, StoreError>;
}

/// Whether a depot that a vehicle is said to belong to exists.
#[async_trait]
pub trait KnownDepots: Send + Sync {
    async fn depot_exists(&self, organisation: OrganisationId, id: DepotId) -> Result<bool, StoreError>;
}

/// Finds vehicles by what others call them.
#[async_trait]
pub trait NamedVehicles: Send + Sync {
    /// Every vehicle within reach that has one of the names, in no order.
    async fn vehicles_named(&self, reach: &Reach, names: &[VehicleName]) -> Result<Vec<Vehicle>, StoreError>;
}
