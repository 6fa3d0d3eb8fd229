//! The ports of vehicles: repository on a unit of work, reader on the store.

use ::vehicle::{
    HasVehicles, KnownDepots, NamedVehicles, Vehicle, VehicleFilter, VehicleName, VehicleReader,
    VehicleRepository,
};
use async_trait::async_trait;
use kernel::{
    Cursor, DepotId, Kind, OrganisationId, Page, PageRequest, Reach, StoreError, VehicleId, Version,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, prelude::Uuid,
};

use super::vehicle_entity::{Column, Entity, kept_row, row};
use crate::{
    connect::Sea,
    depot_lookup::depot_exists,
    error::store_error,
    paging::oldest_first,
    reach::within,
    search::contains,
    unit::{SeaTx, changed_one},
};

impl HasVehicles for SeaTx {
    fn vehicles(&mut self) -> &mut dyn VehicleRepository {
        self
    }
}

fn of(organisation: OrganisationId, id: VehicleId) -> Condition {
    Condition::all()
        .add(Column::OrganisationId.eq(Uuid::from(organisation)))
        .add(Column::Id.eq(Uuid::from(id)))
}

#[async_trait]
impl VehicleRepository for SeaTx {
    async fn vehicle_insert(&mut self, vehicle: &Vehicle) -> Result<(), StoreError> {
        Entity::insert(row(vehicle)?).exec_without_returning(self.connection()).await.map_err(store_error)?;
        Ok(())
    }

    async fn vehicle_find(
        &mut self,
        organisation: OrganisationId,
        id: VehicleId,
    ) -> Result<Option<Vehicle>, StoreError> {
        let found = Entity::find().filter(of(organisation, id)).lock_exclusive().one(self.connection()).await;
        found.map_err(store_error)?.map(Vehicle::try_from).transpose()
    }

    async fn vehicles_find(
        &mut self,
        organisation: OrganisationId,
        ids: &[VehicleId],
    ) -> Result<Vec<Vehicle>, StoreError> {
        let rows = Entity::find()
            .filter(Column::OrganisationId.eq(Uuid::from(organisation)))
            .filter(Column::Id.is_in(ids.iter().copied().map(Uuid::from)))
            .order_by_asc(Column::Id)
            .lock_exclusive()
            .all(self.connection())
            .await;
        rows.map_err(store_error)?.into_iter().map(Vehicle::try_from).collect()
    }

    async fn vehicle_update(&mut self, vehicle: &Vehicle, read: Version) -> Result<(), StoreError> {
        let updated = Entity::update_many()
            .set(kept_row(vehicle))
            .filter(of(vehicle.organisation, vehicle.id).add(Column::Version.eq(read.0)))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        changed_one(updated.rows_affected)
    }

    async fn vehicle_update_live(&mut self, vehicle: &Vehicle) -> Result<(), StoreError> {
        let full = row(vehicle)?;
        let live = super::vehicle_entity::ActiveModel {
            soc: full.soc,
            soc_source: full.soc_source,
            soc_at: full.soc_at,
            plugged_in_evse_id: full.plugged_in_evse_id,
            ..Default::default()
        };
        Entity::update_many()
            .set(live)
            .filter(of(vehicle.organisation, vehicle.id))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn vehicle_delete(
        &mut self,
        organisation: OrganisationId,
        id: VehicleId,
        read: Version,
    ) -> Result<(), StoreError> {
        self.runs_lose_vehicle(id).await?;
        let deleted = Entity::delete_many()
            .filter(of(organisation, id).add(Column::Version.eq(read.0)))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        changed_one(deleted.rows_affected)
    }
}

#[async_trait]
impl VehicleReader for Sea {
    async fn vehicle_get(
        &self,
        organisation: OrganisationId,
        id: VehicleId,
    ) -> Result<Option<Vehicle>, StoreError> {
        let found = Entity::find().filter(of(organisation, id)).one(self.reader()).await;
        found.map_err(store_error)?.map(Vehicle::try_from).transpose()
    }

    async fn vehicle_list(
        &self,
        reach: &Reach,
        filter: &VehicleFilter,
        page: PageRequest,
    ) -> Result<Page<Vehicle>, StoreError> {
        let mut wanted = Condition::all()
            .add(Column::OrganisationId.eq(Uuid::from(reach.organisation())))
            .add_option(within(reach, Kind::Vehicle));
        if let Some(depot) = filter.depot {
            wanted = wanted.add(Column::DepotId.eq(Uuid::from(depot)));
        }
        if let Some(class) = &filter.class {
            wanted = wanted.add(Column::Class.eq(class.as_str()));
        }
        if let Some(plugged_in) = filter.plugged_in {
            let column = Column::PluggedInEvseId;
            wanted = wanted.add(if plugged_in { column.is_not_null() } else { column.is_null() });
        }
        if let Some(out_of_service) = filter.out_of_service {
            wanted = wanted.add(Column::OutOfService.eq(out_of_service));
        }
        if let Some(search) = &filter.search {
            wanted = wanted.add(
                contains(Column::FleetNumber, search)
                    .or(contains(Column::Registration, search))
                    .or(contains(Column::Vin, search)),
            );
        }
        let rows = oldest_first(Entity::find().filter(wanted), Column::Id, page).all(self.reader()).await;
        let vehicles: Result<Vec<_>, _> =
            rows.map_err(store_error)?.into_iter().map(Vehicle::try_from).collect();
        Ok(Page::from_surplus(vehicles?, page.limit, |vehicle| Cursor::of(vehicle.id)))
    }

    async fn vehicles_by_id(
        &self,
        organisation: OrganisationId,
        ids: &[VehicleId],
    ) -> Result<Vec<Vehicle>, StoreError> {
        let rows = Entity::find()
            .filter(Column::OrganisationId.eq(Uuid::from(organisation)))
            .filter(Column::Id.is_in(ids.iter().copied().map(Uuid::from)))
            .all(self.reader())
            .await;
        rows.map_err(store_error)?.into_iter().map(Vehicle::try_from).collect()
    }
}

#[async_trait]
impl NamedVehicles for Sea {
    async fn vehicles_named(&self, reach: &Reach, names: &[VehicleName]) -> Result<Vec<Vehicle>, StoreError> {
        let (mut ids, mut vins, mut numbers) = (Vec::new(), Vec::new(), Vec::new());
        for name in names {
            match name {
                VehicleName::Id(id) => ids.push(Uuid::from(*id)),
                VehicleName::Vin(vin) => vins.push(vin.as_str()),
                VehicleName::FleetNumber(number) => numbers.push(number.as_str()),
            }
        }
        let any = Condition::any()
            .add(Column::Id.is_in(ids))
            .add(Column::Vin.is_in(vins))
            .add(Column::FleetNumber.is_in(numbers));
        let wanted = Condition::all()
            .add(Column::OrganisationId.eq(Uuid::from(reach.organisation())))
            .add_option(within(reach, Kind::Vehicle))
            .add(any);
        let rows = Entity::find().filter(wanted).all(self.reader()).await;
        rows.map_err(store_error)?.into_iter().map(Vehicle::try_from).collect()
    }
}

#[async_trait]
impl KnownDepots for Sea {
    async fn depot_exists(&self, organisation: OrganisationId, id: DepotId) -> Result<bool, StoreError> {
        depot_exists(self.reader(), organisation, id).await
    }
}
