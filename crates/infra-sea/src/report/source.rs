//! What reports are made of, read page by page.

use std::collections::HashMap;

use ::depot::TopologyReader;
use ::report::{
    ChargerFacts, ConnectorFacts, DemandQuarter, DepotFacts, DutyFacts, DutyPlace, ReportSource,
    SessionFacts, SessionPlace, Wanted,
};
use ::transaction::Transaction;
use async_trait::async_trait;
use kernel::{ChargePointId, DepotId, Kind, OrganisationId, Reach, StoreError, Timestamp, W, Wh};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    prelude::Uuid,
    sea_query::{Alias, Expr},
};

use crate::{
    charge_point::charge_point_entity,
    connect::Sea,
    depot::depot_entity,
    error::store_error,
    reach::within,
    transaction::{quarter_entity, transaction_entity},
    vehicle::vehicle_entity,
    word,
};

pub(super) fn ids<T: Copy + Into<Uuid>>(ids: &[T]) -> Vec<Uuid> {
    ids.iter().map(|id| (*id).into()).collect()
}

#[async_trait]
impl ReportSource for Sea {
    async fn depots(&self, reach: &Reach, depots: Option<&[DepotId]>) -> Result<Vec<DepotFacts>, StoreError> {
        use depot_entity::{Column, Entity};
        let narrowed = Condition::all()
            .add_option(depots.map(|depots| Column::Id.is_in(ids(depots))))
            .add_option(within(reach, Kind::Depot));
        let rows = Entity::find()
            .filter(Column::OrganisationId.eq(Uuid::from(reach.organisation())))
            .filter(narrowed)
            .order_by_asc(Column::Name)
            .order_by_asc(Column::Id)
            .all(self.reader())
            .await;
        rows.map_err(store_error)?
            .into_iter()
            .map(|row| {
                let zone = row.time_zone.parse().map_err(|_| StoreError::corrupt("depot.time_zone"))?;
                Ok(DepotFacts { id: row.id.into(), name: row.name, zone })
            })
            .collect()
    }

    async fn sessions(
        &self,
        wanted: &Wanted,
        after: Option<SessionPlace>,
        limit: u32,
    ) -> Result<Vec<SessionFacts>, StoreError> {
        use transaction_entity::{Column, Entity};
        let beyond = after.map(|place| {
            let same = Condition::all()
                .add(Column::StartedAt.eq(place.started_at))
                .add(Column::Id.gt(Uuid::from(place.id)));
            Condition::any().add(Column::StartedAt.gt(place.started_at)).add(same)
        });
        // Tells the engine where to begin; what lies before is not even looked at.
        let from = after.map_or(wanted.from, |place| Ord::max(place.started_at, wanted.from));
        let rows = Entity::find()
            .filter(Column::OrganisationId.eq(Uuid::from(wanted.organisation)))
            .filter(Column::StartedAt.gte(from).and(Column::StartedAt.lt(wanted.to)))
            .filter(
                Condition::all()
                    .add_option(wanted.depots.as_ref().map(|depots| Column::DepotId.is_in(ids(depots))))
                    .add_option(beyond),
            )
            .order_by_asc(Column::StartedAt)
            .order_by_asc(Column::Id)
            .limit(u64::from(limit))
            .all(self.reader())
            .await;
        let sessions: Result<Vec<Transaction>, _> =
            rows.map_err(store_error)?.into_iter().map(Transaction::try_from).collect();
        self.named(sessions?).await
    }

    async fn demand(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<DemandQuarter>, StoreError> {
        use quarter_entity::{Column, Entity};
        let rows: Vec<(Timestamp, i64)> = Entity::find()
            .select_only()
            .column(Column::At)
            .column_as(Expr::col(Column::EnergyWh).sum().cast_as(Alias::new("bigint")), "energy")
            .filter(Column::OrganisationId.eq(Uuid::from(organisation)))
            .filter(Column::DepotId.eq(Uuid::from(depot)))
            .filter(Column::At.gte(from).and(Column::At.lt(to)))
            .group_by(Column::At)
            .order_by_asc(Column::At)
            .into_tuple()
            .all(self.reader())
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(|(at, energy)| DemandQuarter { at, energy: Wh(energy) }).collect())
    }

    async fn limits(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
        at: &[Timestamp],
    ) -> Result<Vec<Option<W>>, StoreError> {
        let topology = self.topology(organisation, depot).await?;
        let limit = |at: &Timestamp| {
            let topology = topology.as_ref()?;
            topology.root()?.effective_limit(topology.depot.time_zone, *at).total_power()
        };
        Ok(at.iter().map(limit).collect())
    }

    async fn chargers(
        &self,
        wanted: &Wanted,
        after: Option<ChargePointId>,
        limit: u32,
    ) -> Result<Vec<ChargerFacts>, StoreError> {
        self.charger_facts(wanted, after, limit).await
    }

    async fn connectors(
        &self,
        wanted: &Wanted,
        now: Timestamp,
        after: Option<ChargePointId>,
        limit: u32,
    ) -> Result<Vec<(ChargePointId, Vec<ConnectorFacts>)>, StoreError> {
        self.connector_facts(wanted, now, after, limit).await
    }

    async fn duties(
        &self,
        wanted: &Wanted,
        after: Option<DutyPlace>,
        limit: u32,
    ) -> Result<Vec<DutyFacts>, StoreError> {
        self.duty_facts(wanted, after, limit).await
    }
}

impl Sea {
    /// Sessions with the names of their chargers and vehicles.
    async fn named(&self, sessions: Vec<Transaction>) -> Result<Vec<SessionFacts>, StoreError> {
        let mut chargers: Vec<Uuid> = sessions.iter().map(|s| s.place.charge_point.into()).collect();
        let mut vehicles: Vec<Uuid> = sessions.iter().filter_map(|s| s.vehicle.map(Into::into)).collect();
        for ids in [&mut chargers, &mut vehicles] {
            ids.sort_unstable();
            ids.dedup();
        }
        let chargers: Vec<(Uuid, String)> = charge_point_entity::Entity::find()
            .select_only()
            .columns([charge_point_entity::Column::Id, charge_point_entity::Column::Identity])
            .filter(charge_point_entity::Column::Id.is_in(chargers))
            .into_tuple()
            .all(self.reader())
            .await
            .map_err(store_error)?;
        let vehicles: Vec<(Uuid, String)> = vehicle_entity::Entity::find()
            .select_only()
            .columns([vehicle_entity::Column::Id, vehicle_entity::Column::FleetNumber])
            .filter(vehicle_entity::Column::Id.is_in(vehicles))
            .into_tuple()
            .all(self.reader())
            .await
            .map_err(store_error)?;
        let (chargers, vehicles): (HashMap<_, _>, HashMap<_, _>) =
            (chargers.into_iter().collect(), vehicles.into_iter().collect());
        let name = |names: &HashMap<Uuid, String>, id: Uuid| {
            names.get(&id).cloned().unwrap_or_else(|| id.to_string())
        };
        sessions
            .into_iter()
            .map(|session| {
                Ok(SessionFacts {
                    place: SessionPlace { started_at: session.started_at, id: session.id },
                    depot: session.place.depot,
                    charge_point_id: session.place.charge_point,
                    charge_point: name(&chargers, session.place.charge_point.into()),
                    connector: session.place.connector,
                    id_tag: session.id_tag,
                    vehicle: session.vehicle.map(|id| (id, name(&vehicles, id.into()))),
                    stopped_at: session.stopped_at,
                    energy: session.energy,
                    soc_start: session.soc_start,
                    soc_end: session.soc_end,
                    state: word::write(&session.state)?,
                    stop_reason: session.stop_reason,
                    flags: session.flags.iter().map(word::write).collect::<Result<_, _>>()?,
                })
            })
            .collect()
    }
}
