//! The facts that priorities are judged by, from the tables of vehicles, chargers, depots and runs.

use std::collections::BTreeMap;

use ::dispatch::{Run, RunState};
use ::priority::{Facts, FactsReader, Stand};
use async_trait::async_trait;
use chrono::Weekday;
use kernel::{DepotId, OrganisationId, PriorityLevel, Soc, StoreError, TimeOfDay, Timestamp, VehicleId};
use sea_orm::{
    ConnectionTrait, QueryResult,
    prelude::Uuid,
    sea_query::{Expr, ExprTrait, Query, SelectStatement, SimpleExpr},
};

use crate::{connect::Sea, error::store_error, word};

/// The run that a vehicle leaves for next: the earliest that is planned and not over. One that is
/// overdue counts until it would be back.
fn next_run(now: Timestamp) -> Result<SelectStatement, StoreError> {
    let of = |column: &'static str| Expr::col(("next", column));
    Ok(Query::select()
        .column(("next", "id"))
        .from_as("run", "next")
        .and_where(of("vehicle_id").equals(("vehicle", "id")))
        .and_where(of("departure_at").gt(now - Run::LONGEST))
        .and_where(of("arrival_at").gt(now))
        .and_where(of("state").eq(word::write(&RunState::Planned)?))
        .order_by(("next", "departure_at"), sea_orm::Order::Asc)
        .order_by(("next", "id"), sea_orm::Order::Asc)
        .limit(1)
        .to_owned())
}

/// Vehicles of an organisation, each with the charger it is plugged in at and its next run.
fn vehicles(organisation: OrganisationId, now: Timestamp) -> Result<SelectStatement, StoreError> {
    Ok(Query::select()
        .expr_as(Expr::col(("vehicle", "id")), "vehicle_id")
        .expr_as(Expr::col(("vehicle", "priority_level")), "priority_level")
        .expr_as(Expr::col(("vehicle", "soc")), "soc")
        .expr_as(Expr::col(("charge_point", "id")), "charge_point_id")
        .expr_as(Expr::col(("run", "id")), "run_id")
        .expr_as(Expr::col(("run", "block")), "block")
        .expr_as(Expr::col(("run", "priority_level")), "run_level")
        .expr_as(Expr::col(("run", "departure_at")), "departure_at")
        .from("vehicle")
        .left_join("evse", Expr::col(("evse", "id")).equals(("vehicle", "plugged_in_evse_id")))
        .left_join("charge_point", Expr::col(("charge_point", "id")).equals(("evse", "charge_point_id")))
        .left_join("run", Expr::col(("run", "id")).eq(SimpleExpr::from(next_run(now)?)))
        .and_where(Expr::col(("vehicle", "organisation_id")).eq(Uuid::from(organisation)))
        .order_by(("vehicle", "id"), sea_orm::Order::Asc)
        .to_owned())
}

/// One row of [`vehicles`], as facts about it at a depot.
fn read(row: &QueryResult, nobody: &Facts) -> Result<Facts, StoreError> {
    let get = |column: &str| row.try_get::<Option<i64>>("", column).map_err(store_error);
    let id = |column: &str| row.try_get::<Option<Uuid>>("", column).map_err(store_error);
    let soc = get("soc")?.and_then(|soc| u16::try_from(soc).ok()).and_then(Soc::from_hundredths);
    let level = |column: &str| {
        let level = get(column)?.and_then(|level| u8::try_from(level).ok());
        Ok::<_, StoreError>(level.and_then(PriorityLevel::new))
    };
    let departure = row.try_get::<Option<Timestamp>>("", "departure_at").map_err(store_error)?;
    Ok(Facts {
        vehicle: id("vehicle_id")?.map(Into::into),
        charge_point: id("charge_point_id")?.map(Into::into),
        own_level: level("priority_level")?,
        soc,
        // Rounded down: a departure half a minute ago is one minute overdue.
        minutes_to_departure: departure
            .map(|departure| (departure - nobody.now).num_seconds().div_euclid(60)),
        run: id("run_id")?.map(Into::into),
        block: row.try_get("", "block").map_err(store_error)?,
        run_level: level("run_level")?,
        ..nobody.clone()
    })
}

impl Sea {
    /// What holds for everybody at a depot. `None` without such a depot.
    async fn nobody_at(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
        now: Timestamp,
    ) -> Result<Option<Facts>, StoreError> {
        let query = Query::select()
            .column("time_zone")
            .from("depot")
            .and_where(Expr::col("organisation_id").eq(Uuid::from(organisation)))
            .and_where(Expr::col("id").eq(Uuid::from(depot)))
            .to_owned();
        let Some(row) = self.reader().query_one(&query).await.map_err(store_error)? else { return Ok(None) };
        let zone: String = row.try_get("", "time_zone").map_err(store_error)?;
        let zone: ::depot::TimeZone = zone.parse().map_err(|_| StoreError::corrupt("depot.time_zone"))?;
        let wall_clock: (Weekday, TimeOfDay) = zone.wall_clock(now);
        Ok(Some(Facts {
            now,
            wall_clock,
            depot,
            charge_point: None,
            vehicle: None,
            own_level: None,
            soc: None,
            minutes_to_departure: None,
            run: None,
            block: None,
            run_level: None,
        }))
    }

    async fn facts_by(&self, query: &SelectStatement, nobody: &Facts) -> Result<Vec<Facts>, StoreError> {
        let rows = self.reader().query_all(query).await.map_err(store_error)?;
        rows.iter().map(|row| read(row, nobody)).collect()
    }
}

#[async_trait]
impl FactsReader for Sea {
    async fn facts_at_depot(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
        now: Timestamp,
    ) -> Result<Option<Vec<Facts>>, StoreError> {
        let Some(nobody) = self.nobody_at(organisation, depot, now).await? else { return Ok(None) };
        let at_home = Expr::col(("vehicle", "depot_id")).eq(Uuid::from(depot));
        let elsewhere = Expr::col(("charge_point", "id")).is_not_null();
        let here = Expr::col(("charge_point", "depot_id")).eq(Uuid::from(depot));
        let query = vehicles(organisation, now)?.and_where(here.or(at_home.and(elsewhere.not()))).to_owned();
        Ok(Some(self.facts_by(&query, &nobody).await?))
    }

    async fn facts_of(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
        stands: &[Stand],
        now: Timestamp,
    ) -> Result<Option<Vec<Facts>>, StoreError> {
        let Some(nobody) = self.nobody_at(organisation, depot, now).await? else { return Ok(None) };
        let asked = stands.iter().filter_map(|stand| stand.vehicle).map(Uuid::from);
        let query =
            vehicles(organisation, now)?.and_where(Expr::col(("vehicle", "id")).is_in(asked)).to_owned();
        let known = self.facts_by(&query, &nobody).await?;
        let known: BTreeMap<VehicleId, Facts> =
            known.into_iter().filter_map(|facts| Some((facts.vehicle?, facts))).collect();
        let facts = stands.iter().map(|stand| {
            let facts = stand.vehicle.and_then(|vehicle| known.get(&vehicle)).unwrap_or(&nobody);
            Facts { charge_point: Some(stand.charge_point), ..facts.clone() }
        });
        Ok(Some(facts.collect()))
    }
}
