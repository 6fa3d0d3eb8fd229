//! Overrides of charging: within a unit of work, as they are read, and what they may name.

use ::charging::overrides::{
    ChargingOverride, HasOverrides, KnownTargets, OverrideFilter, OverrideReader, OverrideRepository,
    OverrideTarget,
};
use async_trait::async_trait;
use kernel::{
    ChargePointId, ChargingOverrideId, Cursor, EvseId, Kind, OrganisationId, Page, PageRequest, Reach,
    StoreError, Timestamp,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder,
    prelude::Uuid,
    sea_query::{Expr, Query, SimpleExpr},
};

use super::override_entity::{Column, Entity, row};
use crate::{
    connect::Sea,
    error::store_error,
    paging::oldest_first,
    reach::within,
    unit::{SeaTx, changed_one},
};

impl HasOverrides for SeaTx {
    fn charging_overrides(&mut self) -> &mut dyn OverrideRepository {
        self
    }
}

fn own(organisation: OrganisationId, id: ChargingOverrideId) -> SimpleExpr {
    Column::OrganisationId.eq(Uuid::from(organisation)).and(Column::Id.eq(Uuid::from(id)))
}

#[async_trait]
impl OverrideRepository for SeaTx {
    async fn charging_override_insert(&mut self, over: &ChargingOverride) -> Result<(), StoreError> {
        let insert = Entity::insert(row(over)?);
        insert.exec_without_returning(self.connection()).await.map_err(store_error)?;
        Ok(())
    }

    async fn charging_override_find(
        &mut self,
        organisation: OrganisationId,
        id: ChargingOverrideId,
    ) -> Result<Option<ChargingOverride>, StoreError> {
        let found = Entity::find().filter(own(organisation, id)).one(self.connection()).await;
        found.map_err(store_error)?.map(ChargingOverride::try_from).transpose()
    }

    async fn charging_override_delete(
        &mut self,
        organisation: OrganisationId,
        id: ChargingOverrideId,
    ) -> Result<(), StoreError> {
        let deleted = Entity::delete_many().filter(own(organisation, id)).exec(self.connection()).await;
        changed_one(deleted.map_err(store_error)?.rows_affected)
    }
}

#[async_trait]
impl OverrideReader for Sea {
    async fn charging_override_get(
        &self,
        organisation: OrganisationId,
        id: ChargingOverrideId,
    ) -> Result<Option<ChargingOverride>, StoreError> {
        let found = Entity::find().filter(own(organisation, id)).one(self.reader()).await;
        found.map_err(store_error)?.map(ChargingOverride::try_from).transpose()
    }

    async fn charging_override_list(
        &self,
        reach: &Reach,
        filter: &OverrideFilter,
        page: PageRequest,
    ) -> Result<Page<ChargingOverride>, StoreError> {
        let is = |column: Column, id: Option<Uuid>| id.map(|id| column.eq(id));
        let wanted = Condition::all()
            .add(Column::OrganisationId.eq(Uuid::from(reach.organisation())))
            .add_option(within(reach, Kind::ChargingOverride))
            .add_option(is(Column::ChargePointId, filter.charge_point.map(Into::into)))
            .add_option(is(Column::EvseId, filter.evse.map(Into::into)))
            .add_option(is(Column::VehicleId, filter.vehicle.map(Into::into)))
            .add_option(filter.active_at.map(|at| Column::ExpiresAt.gt(at)));
        let rows = oldest_first(Entity::find().filter(wanted), Column::Id, page).all(self.reader()).await;
        let overrides: Result<Vec<_>, _> =
            rows.map_err(store_error)?.into_iter().map(ChargingOverride::try_from).collect();
        Ok(Page::from_surplus(overrides?, page.limit, |over| Cursor::of(over.id)))
    }

    async fn charging_overrides_active(
        &self,
        organisation: OrganisationId,
        at: Timestamp,
    ) -> Result<Vec<ChargingOverride>, StoreError> {
        let rows = Entity::find()
            .filter(Column::OrganisationId.eq(Uuid::from(organisation)))
            .filter(Column::ExpiresAt.gt(at))
            .order_by_asc(Column::Id)
            .all(self.reader())
            .await;
        rows.map_err(store_error)?.into_iter().map(ChargingOverride::try_from).collect()
    }
}

#[async_trait]
impl KnownTargets for Sea {
    async fn override_target_known(&self, reach: &Reach, target: OverrideTarget) -> Result<bool, StoreError> {
        let mut query = Query::select();
        let (owner, kind) = match target {
            OverrideTarget::ChargePoint(id) => {
                query.and_where(Expr::col(("charge_point", "id")).eq(Uuid::from(id))).from("charge_point");
                ("charge_point", Kind::ChargePoint)
            }
            OverrideTarget::Evse(id) => {
                let its = Expr::col(("charge_point", "id")).equals(("evse", "charge_point_id"));
                query.and_where(Expr::col(("evse", "id")).eq(Uuid::from(id)));
                query.from("charge_point").inner_join("evse", its);
                ("charge_point", Kind::ChargePoint)
            }
            OverrideTarget::Vehicle(id) => {
                query.and_where(Expr::col(("vehicle", "id")).eq(Uuid::from(id))).from("vehicle");
                ("vehicle", Kind::Vehicle)
            }
        };
        query
            .column((owner, "id"))
            .and_where(Expr::col((owner, "organisation_id")).eq(Uuid::from(reach.organisation())));
        if let Some(within) = within(reach, kind) {
            query.cond_where(within);
        }
        Ok(self.reader().query_one(&query).await.map_err(store_error)?.is_some())
    }

    async fn charge_point_of(
        &self,
        organisation: OrganisationId,
        evse: EvseId,
    ) -> Result<Option<ChargePointId>, StoreError> {
        let its = Expr::col(("charge_point", "id")).equals(("evse", "charge_point_id"));
        let query = Query::select()
            .column(("charge_point", "id"))
            .from("charge_point")
            .inner_join("evse", its)
            .and_where(Expr::col(("evse", "id")).eq(Uuid::from(evse)))
            .and_where(Expr::col(("charge_point", "organisation_id")).eq(Uuid::from(organisation)))
            .to_owned();
        let found = self.reader().query_one(&query).await.map_err(store_error)?;
        let id = found.map(|row| row.try_get::<Uuid>("", "id").map_err(store_error)).transpose()?;
        Ok(id.map(ChargePointId::from))
    }
}
