//! What chargers did over a time.

use std::collections::HashMap;

use ::report::{ChargerFacts, Wanted};
use kernel::{ChargePointId, StoreError, W, Wh};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    prelude::Uuid,
    sea_query::{Alias, CaseStatement, Expr, Func, SimpleExpr},
};

use super::source::ids;
use crate::{
    charge_point::{charge_point_entity, connector_entity},
    connect::Sea,
    error::store_error,
    transaction::{quarter_entity, transaction_entity},
};

/// A sum that both engines return as the same type.
fn sum(of: SimpleExpr) -> SimpleExpr {
    let whole: [SimpleExpr; 2] = [Func::sum(of).into(), Expr::val(0)];
    Expr::expr(Func::coalesce(whole)).cast_as(Alias::new("bigint"))
}

/// One for rows that satisfy a condition, else zero.
fn one_if(condition: SimpleExpr) -> SimpleExpr {
    CaseStatement::new().case(condition, 1).finally(0).into()
}

impl Sea {
    pub(super) async fn charger_facts(
        &self,
        wanted: &Wanted,
        after: Option<ChargePointId>,
        limit: u32,
    ) -> Result<Vec<ChargerFacts>, StoreError> {
        use charge_point_entity::{Column, Entity};
        let chargers = Entity::find()
            .filter(Column::OrganisationId.eq(Uuid::from(wanted.organisation)))
            .filter(
                Condition::all()
                    .add_option(wanted.depots.as_ref().map(|depots| Column::DepotId.is_in(ids(depots))))
                    .add_option(after.map(|after| Column::Id.gt(Uuid::from(after)))),
            )
            .order_by_asc(Column::Id)
            .limit(u64::from(limit))
            .all(self.reader())
            .await
            .map_err(store_error)?;
        let of: Vec<Uuid> = chargers.iter().map(|charger| charger.id).collect();
        let connectors = self.connectors_of(&of).await?;
        let sessions = self.sessions_of(wanted, &of).await?;
        let quarters = self.charging_of(wanted, &of).await?;
        Ok(chargers
            .into_iter()
            .map(|charger| {
                let (count, faulted) = connectors.get(&charger.id).copied().unwrap_or_default();
                let (sessions, energy) = sessions.get(&charger.id).copied().unwrap_or_default();
                let (charging, peak) = quarters.get(&charger.id).copied().unwrap_or_default();
                ChargerFacts {
                    id: charger.id.into(),
                    identity: charger.identity,
                    depot: charger.depot_id.into(),
                    connectors: u32::try_from(count).unwrap_or(0),
                    max_power: W(charger.max_power_w),
                    sessions: sessions.unsigned_abs(),
                    energy: Wh(energy),
                    quarters_charging: charging.unsigned_abs(),
                    peak_power: peak.map(W),
                    online: charger.online,
                    connectors_faulted: u32::try_from(faulted).unwrap_or(0),
                }
            })
            .collect())
    }

    /// How many connectors chargers have, and how many of them are faulted.
    async fn connectors_of(&self, of: &[Uuid]) -> Result<HashMap<Uuid, (i64, i64)>, StoreError> {
        use connector_entity::{Column, Entity};
        let rows: Vec<(Uuid, i64, i64)> = Entity::find()
            .select_only()
            .column(Column::ChargePointId)
            .column_as(Column::Number.count(), "connectors")
            .column_as(sum(one_if(Column::Status.eq("faulted"))), "faulted")
            .filter(Column::ChargePointId.is_in(of.to_vec()))
            .group_by(Column::ChargePointId)
            .into_tuple()
            .all(self.reader())
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(|(id, count, faulted)| (id, (count, faulted))).collect())
    }

    /// The sessions that began in the time, and their energy.
    async fn sessions_of(
        &self,
        wanted: &Wanted,
        of: &[Uuid],
    ) -> Result<HashMap<Uuid, (i64, i64)>, StoreError> {
        use transaction_entity::{Column, Entity};
        let rows: Vec<(Uuid, i64, i64)> = Entity::find()
            .select_only()
            .column(Column::ChargePointId)
            .column_as(Column::Id.count(), "sessions")
            .column_as(sum(Expr::col(Column::EnergyWh)), "energy")
            .filter(Column::OrganisationId.eq(Uuid::from(wanted.organisation)))
            .filter(Column::ChargePointId.is_in(of.to_vec()))
            .filter(Column::StartedAt.gte(wanted.from).and(Column::StartedAt.lt(wanted.to)))
            .group_by(Column::ChargePointId)
            .into_tuple()
            .all(self.reader())
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(|(id, sessions, energy)| (id, (sessions, energy))).collect())
    }

    /// The quarters in which energy flowed, and the highest power.
    async fn charging_of(
        &self,
        wanted: &Wanted,
        of: &[Uuid],
    ) -> Result<HashMap<Uuid, (i64, Option<i64>)>, StoreError> {
        use quarter_entity::{Column, Entity};
        let rows: Vec<(Uuid, i64, Option<i64>)> = Entity::find()
            .select_only()
            .column(Column::ChargePointId)
            .column_as(sum(one_if(Expr::col(Column::EnergyWh).gt(0))), "charging")
            .column_as(Column::MaxPowerW.max(), "peak")
            .filter(Column::OrganisationId.eq(Uuid::from(wanted.organisation)))
            .filter(Column::ChargePointId.is_in(of.to_vec()))
            .filter(Column::At.gte(wanted.from).and(Column::At.lt(wanted.to)))
            .group_by(Column::ChargePointId)
            .into_tuple()
            .all(self.reader())
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(|(id, charging, peak)| (id, (charging, peak))).collect())
    }
}
