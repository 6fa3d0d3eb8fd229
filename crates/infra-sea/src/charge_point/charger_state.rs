//! The live facts of charge points: small writes, many a second.

use ::charge_point::{
    ChargePoint, ChargerRef, ChargerStateRepository, ConfigurationKey, Connector, ConnectorPlace,
    HasChargerState, HistoryEntry,
};
use async_trait::async_trait;
use kernel::{ChargePointId, OrganisationId, StoreError, Timestamp};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect,
    prelude::Uuid,
    sea_query::{Expr, LockType, OnConflict, Query},
};

use super::{
    assembly::assemble,
    charge_point_entity::{ActiveModel, Column, Entity, live_row},
    charge_points::of,
    configuration_entity, connector_entity,
};
use crate::{error::store_error, unit::SeaTx};

impl HasChargerState for SeaTx {
    fn charger_state(&mut self) -> &mut dyn ChargerStateRepository {
        self
    }
}

#[async_trait]
impl ChargerStateRepository for SeaTx {
    async fn connector_place(
        &mut self,
        organisation: OrganisationId,
        id: ChargePointId,
        flat_number: u16,
    ) -> Result<Option<ConnectorPlace>, StoreError> {
        let query = Query::select()
            .expr_as(Expr::col(("charge_point", "depot_id")), "depot")
            .expr_as(Expr::col(("evse", "id")), "evse")
            .expr_as(Expr::col(("evse", "number")), "evse_number")
            .expr_as(Expr::col(("connector", "number")), "connector_number")
            .from("connector")
            .inner_join("evse", Expr::col(("evse", "id")).equals(("connector", "evse_id")))
            .inner_join(
                "charge_point",
                Expr::col(("charge_point", "id")).equals(("connector", "charge_point_id")),
            )
            .and_where(Expr::col(("charge_point", "organisation_id")).eq(Uuid::from(organisation)))
            .and_where(Expr::col(("connector", "charge_point_id")).eq(Uuid::from(id)))
            .and_where(Expr::col(("connector", "flat_number")).eq(i64::from(flat_number)))
            .to_owned();
        let Some(row) = self.connection().query_one(&query).await.map_err(store_error)? else {
            return Ok(None);
        };
        let number = |column: &str| -> Result<u16, StoreError> {
            let number: i64 = row.try_get("", column).map_err(store_error)?;
            u16::try_from(number).map_err(|_| StoreError::corrupt(column))
        };
        let id = |column: &str| row.try_get::<Uuid>("", column).map_err(store_error);
        Ok(Some(ConnectorPlace {
            depot: id("depot")?.into(),
            evse: id("evse")?.into(),
            evse_number: number("evse_number")?,
            connector_number: number("connector_number")?,
            flat_number,
        }))
    }

    async fn charge_point_update_live(&mut self, charge_point: &ChargePoint) -> Result<(), StoreError> {
        Entity::update_many()
            .set(live_row(&charge_point.live)?)
            .filter(of(charge_point.organisation, charge_point.id))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn connector_update_live(
        &mut self,
        id: ChargePointId,
        connector: &Connector,
    ) -> Result<(), StoreError> {
        connector_entity::Entity::update_many()
            .set(connector_entity::live_row(&connector.live)?)
            .filter(connector_entity::Column::ChargePointId.eq(Uuid::from(id)))
            .filter(connector_entity::Column::FlatNumber.eq(i64::from(connector.flat_number)))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn charge_points_seen(
        &mut self,
        chargers: &[ChargerRef],
        at: Timestamp,
        stale: Timestamp,
    ) -> Result<(), StoreError> {
        // Below what either engine takes as parameters of one statement.
        for chunk in chargers.chunks(5_000) {
            let ids = chunk.iter().map(|charger| Uuid::from(charger.charge_point));
            let outdated =
                Condition::any().add(Column::LastSeenAt.is_null()).add(Column::LastSeenAt.lt(stale));
            Entity::update_many()
                .set(ActiveModel { last_seen_at: Set(Some(at)), ..Default::default() })
                .filter(Column::Id.is_in(ids))
                .filter(outdated)
                .exec(self.connection())
                .await
                .map_err(store_error)?;
        }
        Ok(())
    }

    async fn charge_points_all_offline(&mut self, at: Timestamp) -> Result<Vec<ChargePoint>, StoreError> {
        let online = Entity::find().filter(Column::Online.eq(true)).lock(LockType::NoKeyUpdate);
        let mut rows = online.all(self.connection()).await.map_err(store_error)?;
        let offline =
            ActiveModel { online: Set(false), connection_changed_at: Set(Some(at)), ..Default::default() };
        Entity::update_many()
            .set(offline)
            .filter(Column::Online.eq(true))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        for row in &mut rows {
            row.online = false;
            row.connection_changed_at = Some(at);
        }
        assemble(self.connection(), rows).await
    }

    async fn history_append(&mut self, entries: &[HistoryEntry]) -> Result<(), StoreError> {
        super::uptime::append(self.connection(), entries).await
    }

    async fn configuration_save(
        &mut self,
        id: ChargePointId,
        keys: &[ConfigurationKey],
    ) -> Result<(), StoreError> {
        use configuration_entity::Column::{ChargePointId, Key, Readonly, ReportedAt, Value};
        if keys.is_empty() {
            return Ok(());
        }
        let replace = OnConflict::columns([ChargePointId, Key])
            .update_columns([Value, Readonly, ReportedAt])
            .to_owned();
        configuration_entity::Entity::insert_many(keys.iter().map(|key| configuration_entity::row(id, key)))
            .on_conflict(replace)
            .exec_without_returning(self.connection())
            .await
            .map_err(store_error)?;
        Ok(())
    }
}
