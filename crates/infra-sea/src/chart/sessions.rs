//! When sessions were open, and what they tell of the vehicle.

use ::chart::{Meter, Open, SocAt};
use chrono::{DateTime, TimeDelta};
use kernel::{OrganisationId, Soc, StoreError, Timestamp, VehicleId};
use sea_orm::prelude::Uuid;

use super::{Bound, QUARTER_SECONDS, at, chargers, quarter};
use crate::connect::Sea;

/// How long before a time a session may have begun that is looked for.
const LONGEST_SESSION: TimeDelta = TimeDelta::days(7);

/// When a session ends that is open: in the year 9999.
const NEVER: Timestamp = match DateTime::from_timestamp(253_370_764_800, 0) {
    Some(at) => at,
    None => panic!("a year that clocks tell"),
};

impl Sea {
    /// Sessions that touch or overlap, put together by the database: a depot has many thousands a year.
    pub(super) async fn sessions_as_one(
        &self,
        organisation: OrganisationId,
        meter: &Meter,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Open>, StoreError> {
        let mut bound = Bound::default();
        let own = bound.bind(Uuid::from(organisation));
        let of = match meter {
            // As it was when they began.
            Meter::Depot(depot) => format!("depot_id = {}", bound.bind(Uuid::from(*depot))),
            _ => chargers(meter, "charge_point_id", &mut bound),
        };
        let never = bound.bind(NEVER);
        let (earliest, from, to) = (bound.bind(from - LONGEST_SESSION), bound.bind(from), bound.bind(to));
        let sql = format!(
            "WITH session AS (SELECT started_at AS begins, COALESCE(stopped_at, {never}) AS ends \
                FROM \"transaction\" WHERE {of} AND started_at >= {earliest} AND started_at < {to} \
                AND organisation_id = {own}), \
             following AS (SELECT begins, ends, MAX(ends) OVER (ORDER BY begins ROWS BETWEEN \
                UNBOUNDED PRECEDING AND 1 PRECEDING) AS others FROM session WHERE ends > {from}), \
             marked AS (SELECT begins, ends, SUM(CASE WHEN begins <= others THEN 0 ELSE 1 END) \
                OVER (ORDER BY begins ROWS UNBOUNDED PRECEDING) AS stretch FROM following) \
             SELECT MIN(begins), MAX(ends) FROM marked GROUP BY stretch ORDER BY 1"
        );
        let rows = self.chart_rows(&sql, bound).await?;
        rows.iter()
            .map(|row| {
                let to: Timestamp = at(row, 1)?;
                Ok(Open { from: at(row, 0)?, to: (to < NEVER).then_some(to) })
            })
            .collect()
    }

    /// Their beginnings and ends, and quarters that lie within one: what was read in others may be of
    /// another vehicle.
    pub(super) async fn soc_of_sessions(
        &self,
        organisation: OrganisationId,
        vehicle: VehicleId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<SocAt>, StoreError> {
        let sessions = |bound: &mut Bound| {
            let (own, of) = (bound.bind(Uuid::from(organisation)), bound.bind(Uuid::from(vehicle)));
            let (earliest, to) = (bound.bind(from - LONGEST_SESSION), bound.bind(to));
            format!(
                "t.organisation_id = {own} AND t.vehicle_id = {of} AND t.started_at >= {earliest} \
                 AND t.started_at < {to}"
            )
        };
        let mut found = Vec::new();
        let mut tell = |at: Option<Timestamp>, soc: Option<i64>| -> Result<(), StoreError> {
            if let (Some(at), Some(soc)) = (at.filter(|at| from <= *at && *at < to), soc) {
                found.push(SocAt { at, soc: known(soc)? });
            }
            Ok(())
        };
        let mut bound = Bound::default();
        let of = sessions(&mut bound);
        let sql =
            format!("SELECT started_at, soc_start, stopped_at, soc_end FROM \"transaction\" t WHERE {of}");
        for row in self.chart_rows(&sql, bound).await? {
            tell(at(&row, 0)?, at(&row, 1)?)?;
            tell(at(&row, 2)?, at(&row, 3)?)?;
        }
        let mut bound = Bound::default();
        let of = sessions(&mut bound);
        let (first, last) = (bound.bind(from), bound.bind(to));
        let sql = format!(
            "SELECT {}, q.soc_last, t.stopped_at FROM \"transaction\" t JOIN reading_quarter q \
             ON q.charge_point_id = t.charge_point_id AND q.connector_number = t.connector_number \
             AND q.at >= t.started_at AND (t.stopped_at IS NULL OR q.at < t.stopped_at) \
             WHERE {of} AND q.at >= {first} AND q.at < {last} AND q.soc_last IS NOT NULL",
            self.count_of("q.at", QUARTER_SECONDS)
        );
        for row in self.chart_rows(&sql, bound).await? {
            let begins = quarter(at(&row, 0)?)?;
            let stopped: Option<Timestamp> = at(&row, 2)?;
            let within =
                stopped.is_none_or(|stopped| begins + TimeDelta::seconds(QUARTER_SECONDS) <= stopped);
            tell(within.then_some(begins), at(&row, 1)?)?;
        }
        found.sort_by_key(|read| read.at);
        Ok(found)
    }

    pub(super) async fn soc_of_readings(
        &self,
        organisation: OrganisationId,
        vehicle: VehicleId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<SocAt>, StoreError> {
        let mut bound = Bound::default();
        let (own, of) = (bound.bind(Uuid::from(organisation)), bound.bind(Uuid::from(vehicle)));
        let (earliest, from, to) = (bound.bind(from - LONGEST_SESSION), bound.bind(from), bound.bind(to));
        let sql = format!(
            "SELECT r.at, r.soc FROM \"transaction\" t JOIN reading r ON r.transaction_id = t.id \
             WHERE t.organisation_id = {own} AND t.vehicle_id = {of} AND t.started_at >= {earliest} \
             AND t.started_at < {to} AND r.at >= {from} AND r.at < {to} AND r.soc IS NOT NULL ORDER BY r.at"
        );
        let rows = self.chart_rows(&sql, bound).await?;
        rows.iter().map(|row| Ok(SocAt { at: at(row, 0)?, soc: known(at(row, 1)?)? })).collect()
    }
}

fn known(hundredths: i64) -> Result<Soc, StoreError> {
    let soc = u16::try_from(hundredths).ok().and_then(Soc::from_hundredths);
    soc.ok_or_else(|| StoreError::corrupt("a state of charge above 100 %"))
}
