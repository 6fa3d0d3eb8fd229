//! What charts read: sums by quarter of an hour, sessions, plans and runs, added up by the database.

mod places;
mod runs;
mod sessions;
mod sums;

use ::charging::PlanHistory;
use ::chart::{
    Capacity, ChargerPlace, ChartReader, LoadOfOthers, Meter, MinuteMean, Open, Planned, QuarterSum,
    ReadinessCount, SocAt, VehiclePlace,
};
use ::depot::{DepotReader, Topology, TopologyReader};
use async_trait::async_trait;
use chrono::NaiveDate;
use kernel::{ChargePointId, DepotId, OrganisationId, StoreError, Timestamp, VehicleId, W};
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement, Value, prelude::Uuid};

use crate::{connect::Sea, error::store_error};

const QUARTER_SECONDS: i64 = 900;

#[async_trait]
impl ChartReader for Sea {
    async fn tree(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
    ) -> Result<Option<Topology>, StoreError> {
        self.topology(organisation, depot).await
    }

    async fn charger(
        &self,
        organisation: OrganisationId,
        id: ChargePointId,
    ) -> Result<Option<ChargerPlace>, StoreError> {
        self.charger_place(organisation, id).await
    }

    async fn vehicle(
        &self,
        organisation: OrganisationId,
        id: VehicleId,
    ) -> Result<Option<VehiclePlace>, StoreError> {
        self.vehicle_place(organisation, id).await
    }

    async fn capacity(&self, organisation: OrganisationId, meter: &Meter) -> Result<Capacity, StoreError> {
        self.capacity_of(organisation, meter).await
    }

    async fn demand_target(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
    ) -> Result<Option<W>, StoreError> {
        Ok(self.tariff_get(organisation, depot).await?.and_then(|tariff| tariff.demand_target))
    }

    async fn quarter_sums(
        &self,
        organisation: OrganisationId,
        meter: &Meter,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<QuarterSum>, StoreError> {
        self.sums_by_quarter(organisation, meter, from, to).await
    }

    async fn open_times(
        &self,
        organisation: OrganisationId,
        meter: &Meter,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Open>, StoreError> {
        self.sessions_as_one(organisation, meter, from, to).await
    }

    async fn minute_means(
        &self,
        organisation: OrganisationId,
        meter: &Meter,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<MinuteMean>, StoreError> {
        self.means_by_minute(organisation, meter, from, to).await
    }

    async fn load_of_others(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<LoadOfOthers>, StoreError> {
        let loads = self.load_quarters(organisation, depot, from).await?.into_iter();
        let loads = loads.filter(|load| load.at < to);
        let mut found: Vec<LoadOfOthers> =
            loads.map(|load| LoadOfOthers { circuit: load.circuit, at: load.at, mean: load.mean }).collect();
        found.sort_by_key(|load| (load.at, load.circuit));
        Ok(found)
    }

    async fn planned(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Planned>, StoreError> {
        self.planned_quarters(organisation, depot, from, to).await
    }

    async fn soc_by_quarter(
        &self,
        organisation: OrganisationId,
        vehicle: VehicleId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<SocAt>, StoreError> {
        self.soc_of_sessions(organisation, vehicle, from, to).await
    }

    async fn soc_by_reading(
        &self,
        organisation: OrganisationId,
        vehicle: VehicleId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<SocAt>, StoreError> {
        self.soc_of_readings(organisation, vehicle, from, to).await
    }

    async fn readiness_counts(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
        from: NaiveDate,
        to: NaiveDate,
    ) -> Result<Vec<ReadinessCount>, StoreError> {
        self.runs_by_outcome(organisation, depot, from, to).await
    }
}

/// A statement under construction: values are numbered in the order they are bound, which both engines
/// understand.
#[derive(Default)]
struct Bound(Vec<Value>);

impl Bound {
    /// The place of a value.
    fn bind(&mut self, value: impl Into<Value>) -> String {
        self.0.push(value.into());
        format!("${}", self.0.len())
    }
}

impl Sea {
    async fn chart_rows(&self, sql: &str, bound: Bound) -> Result<Vec<QueryResult>, StoreError> {
        let engine = self.reader().get_database_backend();
        let statement = Statement::from_sql_and_values(engine, sql, bound.0);
        self.reader().query_all_raw(statement).await.map_err(store_error)
    }

    /// Whole units of so many seconds from 1970 until an instant, in the words of the engine.
    fn count_of(&self, column: &str, seconds: i64) -> String {
        match self.reader().get_database_backend() {
            DbBackend::Postgres => format!("CAST(FLOOR(EXTRACT(EPOCH FROM {column}) / {seconds}) AS BIGINT)"),
            _ => format!("(CAST(strftime('%s', {column}) AS INTEGER) / {seconds})"),
        }
    }
}

/// Which charge points a meter is of, as a condition on a column that names one.
fn chargers(meter: &Meter, column: &str, bound: &mut Bound) -> String {
    match meter {
        Meter::ChargePoint(id) => format!("{column} = {}", bound.bind(Uuid::from(*id))),
        Meter::Depot(depot) => {
            let depot = bound.bind(Uuid::from(*depot));
            format!("{column} IN (SELECT id FROM charge_point WHERE depot_id = {depot})")
        }
        Meter::Circuits(circuits) => {
            let circuits: Vec<String> =
                circuits.iter().map(|circuit| bound.bind(Uuid::from(*circuit))).collect();
            format!("{column} IN (SELECT id FROM charge_point WHERE circuit_id IN ({}))", circuits.join(", "))
        }
    }
}

fn quarter(number: i64) -> Result<Timestamp, StoreError> {
    seconds(number, QUARTER_SECONDS)
}

fn seconds(number: i64, length: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_timestamp(number.saturating_mul(length), 0)
        .ok_or_else(|| StoreError::corrupt("an instant that no clock tells"))
}

/// A column by its place: with many rows, looking for its name takes longer than the rest.
fn at<T: sea_orm::TryGetable>(row: &QueryResult, place: usize) -> Result<T, StoreError> {
    row.try_get_by_index(place).map_err(store_error)
}
