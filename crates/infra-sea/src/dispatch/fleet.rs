//! What dispatch knows of depots and vehicles: read from the tables of their slices.

use ::depot::Depot;
use ::dispatch::Fleet;
use ::vehicle::Vehicle;
use async_trait::async_trait;
use kernel::{DepotId, Kind, OrganisationId, Reach, StoreError, VehicleId};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, prelude::Uuid};

use crate::{connect::Sea, depot::depot_entity, error::store_error, reach::within, vehicle::vehicle_entity};

/// Names in one statement.
const AT_ONCE: usize = 1_000;

#[async_trait]
impl Fleet for Sea {
    async fn depots(&self, reach: &Reach, id: Option<DepotId>) -> Result<Vec<Depot>, StoreError> {
        use depot_entity::{Column, Entity};
        let wanted = Condition::all()
            .add(Column::OrganisationId.eq(Uuid::from(reach.organisation())))
            .add_option(within(reach, Kind::Depot))
            .add_option(id.map(|id| Column::Id.eq(Uuid::from(id))));
        let rows = Entity::find().filter(wanted).order_by_asc(Column::Id).all(self.reader()).await;
        rows.map_err(store_error)?.into_iter().map(Depot::try_from).collect()
    }

    async fn vehicles_named(
        &self,
        reach: &Reach,
        ids: &[VehicleId],
        fleet_numbers: &[String],
    ) -> Result<Vec<Vehicle>, StoreError> {
        use vehicle_entity::Column;
        let by_id = ids.chunks(AT_ONCE).map(|ids| Column::Id.is_in(ids.iter().copied().map(Uuid::from)));
        let by_number = fleet_numbers.chunks(AT_ONCE).map(|numbers| Column::FleetNumber.is_in(numbers));
        let mut found = Vec::new();
        for named in by_id.chain(by_number) {
            let seen = Condition::all().add(named).add_option(within(reach, Kind::Vehicle));
            found.extend(self.vehicles_that(reach.organisation(), seen).await?);
        }
        found.sort_by_key(|vehicle: &Vehicle| vehicle.id);
        found.dedup_by_key(|vehicle| vehicle.id);
        Ok(found)
    }

    async fn vehicles_at_home(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
    ) -> Result<Vec<Vehicle>, StoreError> {
        let home = vehicle_entity::Column::DepotId.eq(Uuid::from(depot));
        self.vehicles_that(organisation, Condition::all().add(home)).await
    }
}

impl Sea {
    async fn vehicles_that(
        &self,
        organisation: OrganisationId,
        wanted: Condition,
    ) -> Result<Vec<Vehicle>, StoreError> {
        use vehicle_entity::{Column, Entity};
        let rows = Entity::find()
            .filter(wanted.add(Column::OrganisationId.eq(Uuid::from(organisation))))
            .order_by_asc(Column::Id)
            .all(self.reader())
            .await;
        rows.map_err(store_error)?.into_iter().map(Vehicle::try_from).collect()
    }
}
