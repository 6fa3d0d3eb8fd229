//! Readings to be summed up, their sums, and room for more.

use ::transaction::{MeteredConnector, Quarter, QuarterPlace, QuarterStore, Reading, ReadingUpkeep};
use async_trait::async_trait;
use kernel::{ChargePointId, OrganisationId, StoreError, Timestamp, Track};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, ExprTrait, FromQueryResult, Order,
    QueryFilter, QueryOrder, Select, Statement,
    prelude::Uuid,
    sea_query::{Expr, OnConflict, Query},
};

use super::{
    quarter_entity::{self, row},
    reading_entity::{Column, Entity},
};
use crate::{connect::Sea, error::store_error};

/// Rows in one statement: engines limit how many values it may have.
const AT_ONCE: usize = 1_000;

/// How far readings are summed up is a position like any other.
fn track() -> Track {
    Track { consumer: "quarters", topic: "reading".to_owned(), partition: 0 }
}

/// The least id of a reading that was stored at an instant: ids begin with their milliseconds.
fn least_id(at: Timestamp) -> Uuid {
    let milliseconds = u128::try_from(at.timestamp_millis()).unwrap_or(0);
    Uuid::from_u128(milliseconds << 80)
}

fn of(charge_point: ChargePointId, connector: u16) -> Condition {
    Condition::all()
        .add(Column::ChargePointId.eq(Uuid::from(charge_point)))
        .add(Column::ConnectorNumber.eq(i64::from(connector)))
}

#[derive(FromQueryResult)]
struct Metered {
    organisation: Uuid,
    depot: Uuid,
    charge_point: Uuid,
    connector: i64,
    first: Timestamp,
    last: Timestamp,
}

#[async_trait]
impl QuarterStore for Sea {
    async fn summed_until(&self) -> Result<Option<Timestamp>, StoreError> {
        let found = kernel::PositionReader::position_get(self, &track()).await?;
        Ok(found.and_then(Timestamp::from_timestamp_micros))
    }

    async fn summed_until_save(&self, until: Timestamp) -> Result<(), StoreError> {
        let tx = self.begin_tx().await?;
        tx.position_set(&track(), until.timestamp_micros()).await?;
        tx.commit_now().await
    }

    async fn readings_stored_since(&self, since: Timestamp) -> Result<Vec<MeteredConnector>, StoreError> {
        let reading = |column: &'static str| Expr::col(("reading", column));
        let query = Query::select()
            .expr_as(Expr::col(("charge_point", "organisation_id")), "organisation")
            .expr_as(Expr::col(("charge_point", "depot_id")), "depot")
            .expr_as(reading("charge_point_id"), "charge_point")
            .expr_as(reading("connector_number"), "connector")
            .expr_as(reading("at").min(), "first")
            .expr_as(reading("at").max(), "last")
            .from("reading")
            .inner_join(
                "charge_point",
                Expr::col(("charge_point", "id")).equals(("reading", "charge_point_id")),
            )
            .and_where(reading("id").gte(least_id(since)))
            .add_group_by([
                Expr::col(("charge_point", "organisation_id")),
                Expr::col(("charge_point", "depot_id")),
                reading("charge_point_id"),
                reading("connector_number"),
            ])
            .to_owned();
        let rows = Metered::find_by_statement(self.reader().get_database_backend().build(&query));
        let rows = rows.all(self.reader()).await.map_err(store_error)?;
        rows.into_iter()
            .map(|row| {
                Ok(MeteredConnector {
                    organisation: row.organisation.into(),
                    depot: row.depot.into(),
                    charge_point: row.charge_point.into(),
                    connector: row
                        .connector
                        .try_into()
                        .map_err(|_| StoreError::corrupt("reading.connector_number"))?,
                    first: row.first,
                    last: row.last,
                })
            })
            .collect()
    }

    async fn readings_between(
        &self,
        charge_point: ChargePointId,
        connector: u16,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Reading>, StoreError> {
        let wanted = of(charge_point, connector).add(Column::At.gte(from)).add(Column::At.lt(to));
        let rows = ordered(wanted, Order::Asc).all(self.reader()).await.map_err(store_error)?;
        rows.into_iter().map(Reading::try_from).collect()
    }

    async fn register_before(
        &self,
        charge_point: ChargePointId,
        connector: u16,
        at: Timestamp,
    ) -> Result<Option<Reading>, StoreError> {
        let wanted = of(charge_point, connector).add(Column::At.lt(at)).add(Column::EnergyWh.is_not_null());
        let found = ordered(wanted, Order::Desc).one(self.reader()).await.map_err(store_error)?;
        found.map(Reading::try_from).transpose()
    }

    async fn register_after(
        &self,
        charge_point: ChargePointId,
        connector: u16,
        at: Timestamp,
    ) -> Result<Option<Reading>, StoreError> {
        let wanted = of(charge_point, connector).add(Column::At.gt(at)).add(Column::EnergyWh.is_not_null());
        let found = ordered(wanted, Order::Asc).one(self.reader()).await.map_err(store_error)?;
        found.map(Reading::try_from).transpose()
    }

    async fn quarters_save(&self, quarters: &[Quarter]) -> Result<(), StoreError> {
        use quarter_entity::Column::{
            At, ChargePointId, ConnectorNumber, DepotId, EnergyWh, MaxPowerW, MeanPowerW, Readings, SocLast,
        };
        if quarters.is_empty() {
            return Ok(());
        }
        let tx = self.begin_tx().await?;
        for some in quarters.chunks(AT_ONCE) {
            let key = OnConflict::columns([ChargePointId, ConnectorNumber, At])
                .update_columns([DepotId, EnergyWh, MaxPowerW, MeanPowerW, SocLast, Readings])
                .to_owned();
            quarter_entity::Entity::insert_many(some.iter().map(row))
                .on_conflict(key)
                .exec_without_returning(tx.connection())
                .await
                .map_err(store_error)?;
        }
        tx.commit_now().await
    }

    async fn quarters_of(
        &self,
        organisation: OrganisationId,
        place: QuarterPlace,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Quarter>, StoreError> {
        use quarter_entity::{Column, Entity};
        let place = match place {
            QuarterPlace::Depot(depot) => Column::DepotId.eq(Uuid::from(depot)),
            QuarterPlace::ChargePoint(charge_point) => Column::ChargePointId.eq(Uuid::from(charge_point)),
        };
        let rows = Entity::find()
            .filter(Column::OrganisationId.eq(Uuid::from(organisation)).and(place))
            .filter(Column::At.gte(from).and(Column::At.lt(to)))
            .order_by_asc(Column::At)
            .order_by_asc(Column::ChargePointId)
            .order_by_asc(Column::ConnectorNumber)
            .all(self.reader())
            .await;
        rows.map_err(store_error)?.into_iter().map(Quarter::try_from).collect()
    }
}

fn ordered(wanted: Condition, order: Order) -> Select<Entity> {
    Entity::find().filter(wanted).order_by(Column::At, order.clone()).order_by(Column::Id, order)
}

#[async_trait]
impl ReadingUpkeep for Sea {
    async fn months_ensure(&self, from: Timestamp, to: Timestamp) -> Result<(), StoreError> {
        if self.reader().get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        let tx = self.begin_tx().await?;
        let sql = "SELECT reading_month_ensure(month) FROM generate_series($1::timestamptz, \
                   $2::timestamptz + interval '1 month', interval '1 month') AS month";
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [from.into(), to.into()]);
        tx.connection().query_all_raw(statement).await.map_err(store_error)?;
        tx.commit_now().await
    }

    async fn readings_forget(&self, before: Timestamp) -> Result<(), StoreError> {
        let tx = self.begin_tx().await?;
        if tx.connection().get_database_backend() == DbBackend::Postgres {
            let sql = "SELECT reading_months_forget($1)";
            let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [before.into()]);
            tx.connection().query_one_raw(statement).await.map_err(store_error)?;
            // What lies outside every month has no partition to be dropped with.
            let sql = "DELETE FROM reading_default WHERE at < $1";
            let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [before.into()]);
            tx.connection().execute_raw(statement).await.map_err(store_error)?;
        } else {
            let old = Entity::delete_many().filter(Column::At.lt(before));
            old.exec(tx.connection()).await.map_err(store_error)?;
        }
        let sums = quarter_entity::Entity::delete_many().filter(quarter_entity::Column::At.lt(before));
        sums.exec(tx.connection()).await.map_err(store_error)?;
        tx.commit_now().await
    }
}
