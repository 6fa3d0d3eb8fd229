//! Depots, zones, bays and tariffs within a unit of work.

use ::depot::{Bay, Depot, DepotRepository, ElectricityTariff, HasDepots, Zone};
use async_trait::async_trait;
use kernel::{BayId, ChargePointId, DepotId, OrganisationId, StoreError, Version, ZoneId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect,
    prelude::Uuid,
    sea_query::{Expr, ExprTrait, OnConflict, Query},
};

use super::{
    depot_entity, tariff_entity,
    yard_entities::{bay, zone},
};
use crate::{
    error::store_error,
    unit::{SeaTx, changed_one},
};

impl HasDepots for SeaTx {
    fn depots(&mut self) -> &mut dyn DepotRepository {
        self
    }
}

impl SeaTx {
    /// Whether a row of a table has this value in a column.
    pub(super) async fn refers(
        &self,
        table: &'static str,
        conditions: impl IntoIterator<Item = (&'static str, Uuid)>,
    ) -> Result<bool, StoreError> {
        let mut query = Query::select().expr(Expr::val(1)).from(table).limit(1).to_owned();
        for (column, id) in conditions {
            query.and_where(Expr::col(column).eq(id));
        }
        Ok(self.connection().query_one(&query).await.map_err(store_error)?.is_some())
    }
}

#[async_trait]
impl DepotRepository for SeaTx {
    async fn depot_insert(&mut self, depot: &Depot) -> Result<(), StoreError> {
        let row = depot_entity::row(depot)?;
        depot_entity::Entity::insert(row)
            .exec_without_returning(self.connection())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn depot_find(
        &mut self,
        organisation: OrganisationId,
        id: DepotId,
    ) -> Result<Option<Depot>, StoreError> {
        use depot_entity::{Column, Entity};
        let found = Entity::find()
            .filter(Column::OrganisationId.eq(Uuid::from(organisation)).and(Column::Id.eq(Uuid::from(id))))
            .lock_exclusive()
            .one(self.connection())
            .await;
        found.map_err(store_error)?.map(Depot::try_from).transpose()
    }

    async fn depot_update(&mut self, depot: &Depot, read: Version) -> Result<(), StoreError> {
        use depot_entity::{Column, Entity};
        let updated = Entity::update_many()
            .set(depot_entity::row(depot)?)
            .filter(Column::Id.eq(Uuid::from(depot.id)).and(Column::Version.eq(read.0)))
            .exec(self.connection())
            .await;
        changed_one(updated.map_err(store_error)?.rows_affected)
    }

    async fn depot_delete(&mut self, depot: &Depot) -> Result<(), StoreError> {
        use depot_entity::{Column, Entity};
        let deleted = Entity::delete_many()
            .filter(Column::Id.eq(Uuid::from(depot.id)).and(Column::Version.eq(depot.version.0)))
            .exec(self.connection())
            .await;
        changed_one(deleted.map_err(store_error)?.rows_affected)
    }

    async fn depot_has_charge_points(&mut self, id: DepotId) -> Result<bool, StoreError> {
        self.refers("charge_point", [("depot_id", id.into())]).await
    }

    async fn zone_insert(&mut self, zone: &Zone) -> Result<(), StoreError> {
        let insert = zone::Entity::insert(zone::row(zone));
        insert.exec_without_returning(self.connection()).await.map_err(store_error)?;
        Ok(())
    }

    async fn zone_find(
        &mut self,
        organisation: OrganisationId,
        id: ZoneId,
    ) -> Result<Option<Zone>, StoreError> {
        use zone::{Column, Entity};
        let found = Entity::find()
            .filter(Column::OrganisationId.eq(Uuid::from(organisation)).and(Column::Id.eq(Uuid::from(id))))
            .one(self.connection())
            .await;
        Ok(found.map_err(store_error)?.map(Zone::from))
    }

    async fn zone_update(&mut self, zone: &Zone, read: Version) -> Result<(), StoreError> {
        use zone::{Column, Entity};
        let updated = Entity::update_many()
            .set(zone::row(zone))
            .filter(Column::Id.eq(Uuid::from(zone.id)).and(Column::Version.eq(read.0)))
            .exec(self.connection())
            .await;
        changed_one(updated.map_err(store_error)?.rows_affected)
    }

    async fn zone_delete(&mut self, zone: &Zone) -> Result<(), StoreError> {
        use zone::{Column, Entity};
        let deleted = Entity::delete_many()
            .filter(Column::Id.eq(Uuid::from(zone.id)).and(Column::Version.eq(zone.version.0)))
            .exec(self.connection())
            .await;
        changed_one(deleted.map_err(store_error)?.rows_affected)
    }

    async fn zone_in_use(&mut self, id: ZoneId) -> Result<bool, StoreError> {
        Ok(self.refers("bay", [("zone_id", id.into())]).await?
            || self.refers("charge_point", [("zone_id", id.into())]).await?)
    }

    async fn charge_point_in_depot(
        &mut self,
        organisation: OrganisationId,
        depot: DepotId,
        charge_point: ChargePointId,
    ) -> Result<bool, StoreError> {
        let place = [
            ("id", charge_point.into()),
            ("depot_id", depot.into()),
            ("organisation_id", organisation.into()),
        ];
        self.refers("charge_point", place).await
    }

    async fn bay_insert(&mut self, bay: &Bay) -> Result<(), StoreError> {
        let insert = bay::Entity::insert(bay::row(bay));
        insert.exec_without_returning(self.connection()).await.map_err(store_error)?;
        Ok(())
    }

    async fn bay_find(&mut self, organisation: OrganisationId, id: BayId) -> Result<Option<Bay>, StoreError> {
        use bay::{Column, Entity};
        let found = Entity::find()
            .filter(Column::OrganisationId.eq(Uuid::from(organisation)).and(Column::Id.eq(Uuid::from(id))))
            .one(self.connection())
            .await;
        Ok(found.map_err(store_error)?.map(Bay::from))
    }

    async fn bay_update(&mut self, bay: &Bay, read: Version) -> Result<(), StoreError> {
        use bay::{Column, Entity};
        let updated = Entity::update_many()
            .set(bay::row(bay))
            .filter(Column::Id.eq(Uuid::from(bay.id)).and(Column::Version.eq(read.0)))
            .exec(self.connection())
            .await;
        changed_one(updated.map_err(store_error)?.rows_affected)
    }

    async fn bay_delete(&mut self, bay: &Bay) -> Result<(), StoreError> {
        use bay::{Column, Entity};
        let deleted = Entity::delete_many()
            .filter(Column::Id.eq(Uuid::from(bay.id)).and(Column::Version.eq(bay.version.0)))
            .exec(self.connection())
            .await;
        changed_one(deleted.map_err(store_error)?.rows_affected)
    }

    async fn tariff_find(
        &mut self,
        organisation: OrganisationId,
        depot: DepotId,
    ) -> Result<Option<ElectricityTariff>, StoreError> {
        use tariff_entity::{Column, Entity};
        let found = Entity::find()
            .filter(
                Column::OrganisationId
                    .eq(Uuid::from(organisation))
                    .and(Column::DepotId.eq(Uuid::from(depot))),
            )
            .one(self.connection())
            .await;
        found.map_err(store_error)?.map(ElectricityTariff::try_from).transpose()
    }

    async fn tariff_put(&mut self, tariff: &ElectricityTariff) -> Result<(), StoreError> {
        use tariff_entity::{Column, Entity};
        let replaced = [
            Column::Version,
            Column::Currency,
            Column::BasePrice,
            Column::Bands,
            Column::DemandCharge,
            Column::DemandTargetW,
            Column::MayBreakDemandTarget,
            Column::UpdatedAt,
        ];
        Entity::insert(tariff_entity::row(tariff)?)
            .on_conflict(OnConflict::column(Column::DepotId).update_columns(replaced).to_owned())
            .exec_without_returning(self.connection())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn tariff_delete(&mut self, tariff: &ElectricityTariff) -> Result<(), StoreError> {
        use tariff_entity::{Column, Entity};
        let deleted = Entity::delete_many()
            .filter(Column::DepotId.eq(Uuid::from(tariff.depot)).and(Column::Version.eq(tariff.version.0)))
            .exec(self.connection())
            .await;
        changed_one(deleted.map_err(store_error)?.rows_affected)
    }
}
