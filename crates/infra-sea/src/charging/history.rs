//! The past that planning looks at, summed up by the database: raw readings would be too many.

use std::collections::BTreeMap;

use ::charging::{ChargerDrew, PlanHistory, outlook::LoadQuarter};
use async_trait::async_trait;
use kernel::{DepotId, EvseId, OrganisationId, StoreError, Timestamp, VehicleId, W, Wh};
use sea_orm::{
    DbBackend, FromQueryResult,
    prelude::Uuid,
    sea_query::{Expr, ExprTrait, Query, SelectStatement},
};

use crate::{connect::Sea, error::store_error};

const QUARTER_SECONDS: i64 = 900;

#[derive(FromQueryResult)]
struct LoadRow {
    circuit: Uuid,
    /// Quarters of an hour since 1970.
    quarter: i64,
    mean_w: i64,
}

#[derive(FromQueryResult)]
struct ChargedRow {
    at: Timestamp,
    energy_wh: i64,
}

#[derive(FromQueryResult)]
struct DrewRow {
    charge_point: Uuid,
    connector: i64,
    energy_wh: i64,
}

#[derive(FromQueryResult)]
struct PlaceRow {
    vehicle: Uuid,
    evse: Uuid,
    last: Timestamp,
}

impl Sea {
    async fn rows<T: FromQueryResult>(&self, query: &SelectStatement) -> Result<Vec<T>, StoreError> {
        let statement = self.reader().get_database_backend().build(query);
        T::find_by_statement(statement).all(self.reader()).await.map_err(store_error)
    }
}

/// Quarters of an hour from 1970 until an instant, in the words of the engine.
fn quarter(engine: DbBackend) -> Expr {
    Expr::cust(match engine {
        DbBackend::Postgres => "CAST(FLOOR(EXTRACT(EPOCH FROM load_reading.at) / 900) AS BIGINT)",
        _ => "CAST(strftime('%s', load_reading.at) AS INTEGER) / 900",
    })
}

#[async_trait]
impl PlanHistory for Sea {
    async fn load_quarters(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
        since: Timestamp,
    ) -> Result<Vec<LoadQuarter>, StoreError> {
        let circuit = |column: &'static str| Expr::col(("circuit", column));
        let quarter = quarter(self.reader().get_database_backend());
        let query = Query::select()
            .expr_as(Expr::col(("load_reading", "circuit_id")), "circuit")
            .expr_as(quarter.clone(), "quarter")
            .expr_as(Expr::cust("CAST(AVG(load_reading.power_w) AS BIGINT)"), "mean_w")
            .from("load_reading")
            .inner_join("circuit", circuit("id").equals(("load_reading", "circuit_id")))
            .and_where(circuit("organisation_id").eq(Uuid::from(organisation)))
            .and_where(circuit("depot_id").eq(Uuid::from(depot)))
            .and_where(Expr::col(("load_reading", "at")).gte(since))
            .add_group_by([Expr::col(("load_reading", "circuit_id")), quarter])
            .to_owned();
        let read = |row: LoadRow| {
            let at = Timestamp::from_timestamp(row.quarter.saturating_mul(QUARTER_SECONDS), 0);
            let at = at.ok_or_else(|| StoreError::corrupt("load_reading.at"))?;
            Ok(LoadQuarter { circuit: row.circuit.into(), at, mean: W(row.mean_w) })
        };
        self.rows::<LoadRow>(&query).await?.into_iter().map(read).collect()
    }

    async fn charged_quarters(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<(Timestamp, Wh)>, StoreError> {
        let query = Query::select()
            .column("at")
            .expr_as(Expr::cust("CAST(SUM(energy_wh) AS BIGINT)"), "energy_wh")
            .from("reading_quarter")
            .and_where(Expr::col("organisation_id").eq(Uuid::from(organisation)))
            .and_where(Expr::col("depot_id").eq(Uuid::from(depot)))
            .and_where(Expr::col("at").gte(from))
            .and_where(Expr::col("at").lt(to))
            .group_by_col("at")
            .order_by("at", sea_orm::Order::Asc)
            .to_owned();
        let rows = self.rows::<ChargedRow>(&query).await?;
        Ok(rows.into_iter().map(|row| (row.at, Wh(row.energy_wh))).collect())
    }

    async fn drawn_in(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
        quarter: Timestamp,
    ) -> Result<Vec<ChargerDrew>, StoreError> {
        let query = Query::select()
            .expr_as(Expr::col("charge_point_id"), "charge_point")
            .expr_as(Expr::col("connector_number"), "connector")
            .column("energy_wh")
            .from("reading_quarter")
            .and_where(Expr::col("organisation_id").eq(Uuid::from(organisation)))
            .and_where(Expr::col("depot_id").eq(Uuid::from(depot)))
            .and_where(Expr::col("at").eq(quarter))
            .to_owned();
        let read = |row: DrewRow| {
            let connector = row.connector.try_into();
            Ok(ChargerDrew {
                charge_point: row.charge_point.into(),
                connector: connector.map_err(|_| StoreError::corrupt("reading_quarter.connector_number"))?,
                energy: Wh(row.energy_wh),
            })
        };
        self.rows::<DrewRow>(&query).await?.into_iter().map(read).collect()
    }

    async fn last_places(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
        since: Timestamp,
    ) -> Result<Vec<(VehicleId, EvseId)>, StoreError> {
        let query = Query::select()
            .expr_as(Expr::col("vehicle_id"), "vehicle")
            .expr_as(Expr::col("evse_id"), "evse")
            .expr_as(Expr::col("started_at").max(), "last")
            .from("transaction")
            .and_where(Expr::col("organisation_id").eq(Uuid::from(organisation)))
            .and_where(Expr::col("depot_id").eq(Uuid::from(depot)))
            .and_where(Expr::col("started_at").gte(since))
            .and_where(Expr::col("vehicle_id").is_not_null())
            .and_where(Expr::col("evse_id").is_not_null())
            .add_group_by([Expr::col("vehicle_id"), Expr::col("evse_id")])
            .to_owned();
        let mut last: BTreeMap<VehicleId, (Timestamp, EvseId)> = BTreeMap::new();
        for row in self.rows::<PlaceRow>(&query).await? {
            let found = (row.last, row.evse.into());
            let known = last.entry(row.vehicle.into()).or_insert(found);
            *known = found.max(*known);
        }
        Ok(last.into_iter().map(|(vehicle, (_, evse))| (vehicle, evse)).collect())
    }
}
