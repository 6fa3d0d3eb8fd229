//! What sessions cost, by the electricity tariffs of their depots and the quarters of an hour in which
//! their connectors drew energy.

use std::collections::HashMap;

use ::depot::{Depot, ElectricityTariff, TimeZone};
use ::report::{
    CostSource, Money, SessionFacts,
    cost::{Part, energy_cost, evenly, quarter_of},
};
use async_trait::async_trait;
use chrono::TimeDelta;
use kernel::{DepotId, OrganisationId, StoreError, Timestamp};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Statement, Value, prelude::Uuid};

use crate::{
    connect::Sea,
    depot::{depot_entity, tariff_entity},
    error::store_error,
};

/// Sessions whose quarters are asked for together.
const TOGETHER: usize = 250;
/// Of a session that is still open, as much is looked at.
const LONGEST: TimeDelta = TimeDelta::days(366);

/// What electricity costs a depot, and by which clock.
type Tariff = (TimeZone, ElectricityTariff);
/// Quarters of an hour, and what was drawn in them.
type Drawn = Vec<(Timestamp, i64)>;

#[async_trait]
impl CostSource for Sea {
    async fn costs(
        &self,
        organisation: OrganisationId,
        sessions: &[SessionFacts],
    ) -> Result<Vec<Option<Money>>, StoreError> {
        let tariffs = self.tariffs_of(organisation, sessions).await?;
        let mut costs = Vec::with_capacity(sessions.len());
        for some in sessions.chunks(TOGETHER) {
            let mut drawn = self.drawn_by(some, &tariffs).await?;
            for (number, session) in some.iter().enumerate() {
                let drawn = drawn.remove(&number).unwrap_or_default();
                costs.push(tariffs.get(&session.depot).and_then(|tariff| cost(session, drawn, tariff)));
            }
        }
        Ok(costs)
    }
}

fn cost(session: &SessionFacts, drawn: Drawn, (zone, tariff): &Tariff) -> Option<Money> {
    let price = |(at, weight)| Part { weight, price: tariff.price_at(*zone, at).millionths() };
    let from = session.place.started_at;
    let even = || evenly(from, session.stopped_at.unwrap_or(from)).map(price);
    let micros = energy_cost(session.energy, drawn.into_iter().map(price))
        .or_else(|| energy_cost(session.energy, even()))?;
    Some(Money { currency: tariff.currency.clone(), micros })
}

impl Sea {
    async fn tariffs_of(
        &self,
        organisation: OrganisationId,
        sessions: &[SessionFacts],
    ) -> Result<HashMap<DepotId, Tariff>, StoreError> {
        let mut of: Vec<Uuid> = sessions.iter().map(|session| session.depot.into()).collect();
        of.sort_unstable();
        of.dedup();
        let found = tariff_entity::Entity::find()
            .filter(tariff_entity::Column::OrganisationId.eq(Uuid::from(organisation)))
            .filter(tariff_entity::Column::DepotId.is_in(of))
            .all(self.reader())
            .await
            .map_err(store_error)?;
        let depots = depot_entity::Entity::find()
            .filter(depot_entity::Column::Id.is_in(found.iter().map(|tariff| tariff.depot_id)))
            .all(self.reader())
            .await
            .map_err(store_error)?;
        let mut zones = HashMap::new();
        for depot in depots {
            let depot = Depot::try_from(depot)?;
            zones.insert(depot.id, depot.time_zone);
        }
        let mut tariffs = HashMap::new();
        for row in found {
            let tariff = ElectricityTariff::try_from(row)?;
            if let Some(zone) = zones.get(&tariff.depot) {
                tariffs.insert(tariff.depot, (*zone, tariff));
            }
        }
        Ok(tariffs)
    }

    /// What the connectors of sessions drew while these were open, by the places of those that have a
    /// tariff.
    async fn drawn_by(
        &self,
        sessions: &[SessionFacts],
        tariffs: &HashMap<DepotId, Tariff>,
    ) -> Result<HashMap<usize, Drawn>, StoreError> {
        let (mut values, mut rows) = (Vec::<Value>::new(), Vec::new());
        for (number, session) in (0_i64..).zip(sessions) {
            if !tariffs.contains_key(&session.depot) {
                continue;
            }
            let from = session.place.started_at;
            let to = session.stopped_at.unwrap_or(from + LONGEST);
            let first = values.len() + 1;
            values.extend([
                number.into(),
                Uuid::from(session.charge_point_id).into(),
                i64::from(session.connector).into(),
                quarter_of(from).into(),
                to.into(),
            ]);
            let places: Vec<String> = (first..first + 5).map(|place| format!("${place}")).collect();
            rows.push(format!("({})", places.join(", ")));
        }
        let mut drawn: HashMap<usize, Drawn> = HashMap::new();
        if rows.is_empty() {
            return Ok(drawn);
        }
        let sql = format!(
            "WITH session (number, charge_point_id, connector_number, first, last) AS (VALUES {}) \
             SELECT session.number, q.at, q.energy_wh FROM session JOIN reading_quarter q \
             ON q.charge_point_id = session.charge_point_id AND q.connector_number = session.connector_number \
             AND q.at >= session.first AND q.at < session.last AND q.energy_wh > 0",
            rows.join(", ")
        );
        let engine = self.reader().get_database_backend();
        let statement = Statement::from_sql_and_values(engine, sql, values);
        for row in self.reader().query_all_raw(statement).await.map_err(store_error)? {
            let number: i64 = row.try_get_by_index(0).map_err(store_error)?;
            let quarter = (
                row.try_get_by_index(1).map_err(store_error)?,
                row.try_get_by_index(2).map_err(store_error)?,
            );
            let number = usize::try_from(number).map_err(|_| StoreError::corrupt("a place of a session"))?;
            drawn.entry(number).or_default().push(quarter);
        }
        Ok(drawn)
    }
}
