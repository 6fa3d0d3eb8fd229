//! Sums by quarter of an hour and means by minute.

use ::charging::PlanReader;
use ::chart::{Meter, MinuteMean, Planned, QuarterSum};
use chrono::TimeDelta;
use kernel::{DepotId, OrganisationId, StoreError, Timestamp, W, Wh};
use sea_orm::{DbBackend, prelude::Uuid};

use super::{Bound, QUARTER_SECONDS, at, chargers, quarter, seconds};
use crate::connect::Sea;

impl Sea {
    pub(super) async fn sums_by_quarter(
        &self,
        organisation: OrganisationId,
        meter: &Meter,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<QuarterSum>, StoreError> {
        let mut bound = Bound::default();
        let organisation = bound.bind(Uuid::from(organisation));
        let sql = if let Meter::Depot(depot) = meter {
            let depot = bound.bind(Uuid::from(*depot));
            // The first quarter that does not begin before an instant.
            let first = |at: Timestamp| (at.timestamp() + QUARTER_SECONDS - 1).div_euclid(QUARTER_SECONDS);
            let (from, to) = (bound.bind(first(from)), bound.bind(first(to)));
            format!(
                "SELECT quarter AS n, energy_wh AS a, charging AS b FROM depot_quarter WHERE depot_id = {depot} \
                 AND quarter >= {from} AND quarter < {to} AND organisation_id = {organisation} \
                 AND connectors > 0"
            )
        } else {
            let of = chargers(meter, "charge_point_id", &mut bound);
            let (from, to) = (bound.bind(from), bound.bind(to));
            format!(
                "SELECT {} AS n, SUM(energy_wh) AS a, \
                 SUM(CASE WHEN energy_wh > 0 THEN 1 ELSE 0 END) AS b FROM reading_quarter \
                 WHERE organisation_id = {organisation} AND {of} AND at >= {from} AND at < {to} \
                 GROUP BY 1",
                self.count_of("at", QUARTER_SECONDS)
            )
        };
        let sums = self.quarters_packed(&sql, bound).await?.into_iter();
        let sum = |(at, energy, charging)| QuarterSum {
            at,
            energy: Wh(energy),
            charging: u32::try_from(charging).unwrap_or_default(),
        };
        Ok(sums.map(sum).collect())
    }

    pub(super) async fn means_by_minute(
        &self,
        organisation: OrganisationId,
        meter: &Meter,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<MinuteMean>, StoreError> {
        let mut bound = Bound::default();
        let organisation = bound.bind(Uuid::from(organisation));
        let of = chargers(meter, "charge_point_id", &mut bound);
        let (from, to) = (bound.bind(from), bound.bind(to));
        let sql = format!(
            "SELECT charge_point_id, connector_number, {}, CAST(AVG(power_w) AS BIGINT) FROM reading \
             WHERE organisation_id = {organisation} AND {of} AND at >= {from} AND at < {to} \
             AND power_w IS NOT NULL GROUP BY 1, 2, 3 ORDER BY 3",
            self.count_of("at", 60)
        );
        let rows = self.chart_rows(&sql, bound).await?;
        rows.iter()
            .map(|row| {
                let connector: i64 = at(row, 1)?;
                let connector = u16::try_from(connector);
                Ok(MinuteMean {
                    charge_point: at::<Uuid>(row, 0)?.into(),
                    connector: connector.map_err(|_| StoreError::corrupt("reading.connector_number"))?,
                    at: seconds(at(row, 2)?, 60)?,
                    power: W(at(row, 3)?),
                })
            })
            .collect()
    }

    /// Slots that have begun were kept; those to come are in the newest plan.
    pub(super) async fn planned_quarters(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Planned>, StoreError> {
        let mut bound = Bound::default();
        let (own, of) = (bound.bind(Uuid::from(organisation)), bound.bind(Uuid::from(depot)));
        let (first, last) = (bound.bind(from), bound.bind(to));
        let sql = format!(
            "SELECT {} AS n, planned_w AS a, 0 AS b FROM depot_plan_slot WHERE organisation_id = {own} AND depot_id = {of} \
             AND at >= {first} AND at < {last}",
            self.count_of("at", QUARTER_SECONDS)
        );
        let kept = self.quarters_packed(&sql, bound).await?.into_iter();
        let mut planned: Vec<Planned> = kept.map(|(at, power, _)| Planned { at, power: W(power) }).collect();
        let length = TimeDelta::seconds(QUARTER_SECONDS);
        let mut next = planned.last().map_or(from, |last| last.at + length);
        if next < to
            && let Some(plan) = self.plan_of(organisation, depot).await?
        {
            next = next.max(plan.starts_at);
            while let Some(power) = plan.slot_at(next).and_then(|slot| plan.charging.get(slot))
                && next < to
            {
                planned.push(Planned { at: next, power: *power });
                next += length;
            }
        }
        Ok(planned)
    }

    /// Quarters with two numbers each, in the order of time: `n`, `a` and `b` of a query, one row of text a
    /// day. Of a year there are 35,040, and to fetch a row costs many times what it costs to read a number.
    async fn quarters_packed(
        &self,
        inner: &str,
        bound: Bound,
    ) -> Result<Vec<(Timestamp, i64, i64)>, StoreError> {
        let join = match self.reader().get_database_backend() {
            DbBackend::Postgres => "string_agg",
            _ => "group_concat",
        };
        let sql = format!(
            "SELECT {join}(CAST(n AS TEXT) || ',' || CAST(a AS TEXT) || ',' || CAST(b AS TEXT), ';') \
             FROM ({inner}) AS by_quarter GROUP BY n / 96"
        );
        let mut found = Vec::new();
        for row in self.chart_rows(&sql, bound).await? {
            for packed in at::<String>(&row, 0)?.split(';') {
                found.push(unpacked(packed)?);
            }
        }
        found.sort_unstable_by_key(|(at, _, _)| *at);
        Ok(found)
    }
}

fn unpacked(text: &str) -> Result<(Timestamp, i64, i64), StoreError> {
    let mut numbers = text.split(',').map(str::parse::<i64>);
    match (numbers.next(), numbers.next(), numbers.next()) {
        (Some(Ok(n)), Some(Ok(a)), Some(Ok(b))) => Ok((quarter(n)?, a, b)),
        _ => Err(StoreError::corrupt("the sums of a quarter")),
    }
}
