//! The ports of charge points: repository on a unit of work, reader on the store.

use std::collections::HashMap;

use ::charge_point::{
    ChargePoint, ChargePointFilter, ChargePointReader, ChargePointRepository, ConfigurationKey, Connector,
    ConnectorLive, HasChargePoints,
};
use async_trait::async_trait;
use kernel::{
    ChargePointId, Cursor, DepotId, Kind, OrganisationId, Page, PageRequest, Reach, StoreError, Version,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    prelude::Uuid,
    sea_query::{Expr, LockType, Query},
};

use super::{
    assembly::{assemble, connectors_of},
    charge_point_entity::{Column, Entity, kept_row, row},
    configuration_entity, connector_entity, evse_entity,
};
use crate::{
    connect::Sea,
    error::store_error,
    paging::oldest_first,
    reach::within,
    search::contains,
    unit::{SeaTx, changed_one},
    word,
};

impl HasChargePoints for SeaTx {
    fn charge_points(&mut self) -> &mut dyn ChargePointRepository {
        self
    }
}

pub(super) fn of(organisation: OrganisationId, id: ChargePointId) -> Condition {
    Condition::all()
        .add(Column::OrganisationId.eq(Uuid::from(organisation)))
        .add(Column::Id.eq(Uuid::from(id)))
}

#[async_trait]
impl ChargePointRepository for SeaTx {
    async fn charge_point_insert(&mut self, charge_point: &ChargePoint) -> Result<(), StoreError> {
        let connection = self.connection();
        Entity::insert(row(charge_point)?).exec_without_returning(connection).await.map_err(store_error)?;
        insert_evses(connection, charge_point, |_| true).await?;
        insert_connectors(connection, charge_point, &HashMap::new()).await
    }

    async fn charge_point_find(
        &mut self,
        organisation: OrganisationId,
        id: ChargePointId,
    ) -> Result<Option<ChargePoint>, StoreError> {
        // Does not wait for those who only refer to the row, such as orders being given.
        let found = Entity::find()
            .filter(of(organisation, id))
            .lock(LockType::NoKeyUpdate)
            .one(self.connection())
            .await;
        let Some(row) = found.map_err(store_error)? else { return Ok(None) };
        Ok(assemble(self.connection(), vec![row]).await?.pop())
    }

    async fn charge_point_update(
        &mut self,
        charge_point: &ChargePoint,
        read: Version,
    ) -> Result<(), StoreError> {
        let connection = self.connection();
        let updated = Entity::update_many()
            .set(kept_row(charge_point)?)
            .filter(of(charge_point.organisation, charge_point.id).add(Column::Version.eq(read.0)))
            .exec(connection)
            .await
            .map_err(store_error)?;
        changed_one(updated.rows_affected)?;
        replace_evses(connection, charge_point).await
    }

    async fn charge_point_delete(
        &mut self,
        organisation: OrganisationId,
        id: ChargePointId,
        read: Version,
    ) -> Result<(), StoreError> {
        let deleted = Entity::delete_many()
            .filter(of(organisation, id).add(Column::Version.eq(read.0)))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        changed_one(deleted.rows_affected)
    }

    async fn charge_point_has_open_transaction(
        &mut self,
        organisation: OrganisationId,
        id: ChargePointId,
    ) -> Result<bool, StoreError> {
        let query = Query::select()
            .expr(Expr::val(1))
            .from("transaction")
            .and_where(Expr::col("organisation_id").eq(Uuid::from(organisation)))
            .and_where(Expr::col("charge_point_id").eq(Uuid::from(id)))
            .and_where(Expr::col("state").is_in(["pending", "active", "suspended"]))
            .limit(1)
            .to_owned();
        Ok(self.connection().query_one(&query).await.map_err(store_error)?.is_some())
    }
}

/// Brings EVSEs and connectors to what the charge point says, keeping the live facts of those that
/// stay. Connectors are written anew, because their numbers may change places.
async fn replace_evses(
    connection: &impl ConnectionTrait,
    charge_point: &ChargePoint,
) -> Result<(), StoreError> {
    let id = Uuid::from(charge_point.id);
    let mut live = HashMap::new();
    for row in connectors_of(connection, &[id]).await? {
        let key = (row.evse_id, row.number);
        live.insert(key, Connector::try_from(row)?.live);
    }
    connector_entity::Entity::delete_many()
        .filter(connector_entity::Column::ChargePointId.eq(id))
        .exec(connection)
        .await
        .map_err(store_error)?;
    evse_entity::Entity::delete_many()
        .filter(evse_entity::Column::ChargePointId.eq(id))
        .filter(evse_entity::Column::Id.is_not_in(charge_point.evses.iter().map(|evse| Uuid::from(evse.id))))
        .exec(connection)
        .await
        .map_err(store_error)?;
    let known = |evse: Uuid| live.keys().any(|(owner, _)| *owner == evse);
    for evse in charge_point.evses.iter().filter(|evse| known(evse.id.into())) {
        evse_entity::Entity::update(evse_entity::row(charge_point.id, evse)?)
            .exec(connection)
            .await
            .map_err(store_error)?;
    }
    insert_evses(connection, charge_point, |evse| !known(evse)).await?;
    insert_connectors(connection, charge_point, &live).await
}

async fn insert_evses(
    connection: &impl ConnectionTrait,
    charge_point: &ChargePoint,
    wanted: impl Fn(Uuid) -> bool,
) -> Result<(), StoreError> {
    let new = charge_point.evses.iter().filter(|evse| wanted(evse.id.into()));
    let rows: Result<Vec<_>, _> = new.map(|evse| evse_entity::row(charge_point.id, evse)).collect();
    let rows = rows?;
    if rows.is_empty() {
        return Ok(());
    }
    evse_entity::Entity::insert_many(rows).exec_without_returning(connection).await.map_err(store_error)?;
    Ok(())
}

/// Writes every connector, with what is known of it by EVSE and number, else as it stands.
async fn insert_connectors(
    connection: &impl ConnectionTrait,
    charge_point: &ChargePoint,
    known: &HashMap<(Uuid, i64), ConnectorLive>,
) -> Result<(), StoreError> {
    let mut rows = Vec::new();
    for evse in &charge_point.evses {
        for connector in &evse.connectors {
            let live = known.get(&(evse.id.into(), connector.number.into())).unwrap_or(&connector.live);
            rows.push(connector_entity::row(charge_point.id, evse, connector, live)?);
        }
    }
    if rows.is_empty() {
        return Ok(());
    }
    connector_entity::Entity::insert_many(rows)
        .exec_without_returning(connection)
        .await
        .map_err(store_error)?;
    Ok(())
}

#[async_trait]
impl ChargePointReader for Sea {
    async fn charge_point_get(
        &self,
        organisation: OrganisationId,
        id: ChargePointId,
    ) -> Result<Option<ChargePoint>, StoreError> {
        let found = Entity::find().filter(of(organisation, id)).one(self.reader()).await;
        let Some(row) = found.map_err(store_error)? else { return Ok(None) };
        Ok(assemble(self.reader(), vec![row]).await?.pop())
    }

    async fn charge_point_list(
        &self,
        reach: &Reach,
        filter: &ChargePointFilter,
        page: PageRequest,
    ) -> Result<Page<ChargePoint>, StoreError> {
        let mut wanted = Condition::all()
            .add(Column::OrganisationId.eq(Uuid::from(reach.organisation())))
            .add_option(within(reach, Kind::ChargePoint));
        if let Some(depot) = filter.depot {
            wanted = wanted.add(Column::DepotId.eq(Uuid::from(depot)));
        }
        if let Some(circuit) = filter.circuit {
            wanted = wanted.add(Column::CircuitId.eq(Uuid::from(circuit)));
        }
        if let Some(zone) = filter.zone {
            wanted = wanted.add(Column::ZoneId.eq(Uuid::from(zone)));
        }
        if let Some(online) = filter.online {
            wanted = wanted.add(Column::Online.eq(online));
        }
        if let Some(status) = filter.status {
            let with_status = Query::select()
                .column(connector_entity::Column::ChargePointId)
                .from(connector_entity::Entity)
                .and_where(connector_entity::Column::Status.eq(word::write(&status)?))
                .to_owned();
            wanted = wanted.add(Column::Id.in_subquery(with_status));
        }
        if let Some(identity) = &filter.identity {
            wanted = wanted.add(contains(Column::Identity, identity));
        }
        let rows = oldest_first(Entity::find().filter(wanted), Column::Id, page).all(self.reader()).await;
        // The surplus row needs no EVSEs, but leaving it out is not worth the words.
        let charge_points = assemble(self.reader(), rows.map_err(store_error)?).await?;
        Ok(Page::from_surplus(charge_points, page.limit, |charge_point| Cursor::of(charge_point.id)))
    }

    async fn charge_points_of_depot(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
    ) -> Result<Vec<ChargePoint>, StoreError> {
        let rows = Entity::find()
            .filter(Column::OrganisationId.eq(Uuid::from(organisation)))
            .filter(Column::DepotId.eq(Uuid::from(depot)))
            .order_by_asc(Column::Id)
            .all(self.reader())
            .await;
        assemble(self.reader(), rows.map_err(store_error)?).await
    }

    async fn configuration_list(
        &self,
        organisation: OrganisationId,
        id: ChargePointId,
    ) -> Result<Vec<ConfigurationKey>, StoreError> {
        let ours =
            Query::select().column(Column::Id).from(Entity).cond_where(of(organisation, id)).to_owned();
        let rows = configuration_entity::Entity::find()
            .filter(configuration_entity::Column::ChargePointId.in_subquery(ours))
            .all(self.reader())
            .await
            .map_err(store_error)?;
        // The engines sort text by different rules: the order is made here.
        let mut keys: Vec<ConfigurationKey> = rows.into_iter().map(Into::into).collect();
        keys.sort_by(|left, right| left.key.cmp(&right.key));
        Ok(keys)
    }
}
