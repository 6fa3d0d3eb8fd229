//! Runs within a unit of work, for whoever keeps them.

use std::collections::BTreeMap;

use ::dispatch::{HasRoster, RosterRepository, Run, RunKey, RunState};
use ::vehicle::Vehicle;
use async_trait::async_trait;
use chrono::NaiveDate;
use kernel::{OrganisationId, RunId, RunSeriesId, StoreError, Timestamp, VehicleId};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, Iterable, QueryFilter, QueryOrder, QuerySelect,
    prelude::Uuid, sea_query::OnConflict,
};

use super::{
    run_entity::{ActiveModel, Column, Entity, row},
    runs::of,
};
use crate::{error::store_error, unit::SeaTx, vehicle::vehicle_entity, word};

/// Rows in one statement: engines limit how many values it may have.
const ROWS: usize = 1_000;
/// Keys in one statement.
const KEYS: usize = 500;

impl HasRoster for SeaTx {
    fn roster(&mut self) -> &mut dyn RosterRepository {
        self
    }
}

/// Runs of vehicles that are not cancelled and on the road between two instants, by departure.
pub(super) async fn on_road(
    connection: &impl ConnectionTrait,
    organisation: OrganisationId,
    vehicles: &[VehicleId],
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<Run>, StoreError> {
    let mut found = Vec::new();
    for some in vehicles.chunks(ROWS) {
        let wanted = of(organisation)
            .add(Column::VehicleId.is_in(some.iter().copied().map(Uuid::from)))
            .add(Column::DepartureAt.gt(from - Run::LONGEST))
            .add(Column::DepartureAt.lt(to))
            .add(Column::ArrivalAt.gt(from))
            .add(Column::State.ne(word::write(&RunState::Cancelled)?));
        let rows = Entity::find().filter(wanted).all(connection).await;
        for row in rows.map_err(store_error)? {
            found.push(Run::try_from(row)?);
        }
    }
    found.sort_by_key(|run| (run.departure_at, run.id));
    Ok(found)
}

#[async_trait]
impl RosterRepository for SeaTx {
    async fn runs_by_key(
        &mut self,
        organisation: OrganisationId,
        keys: &[RunKey],
    ) -> Result<Vec<Run>, StoreError> {
        let mut found = Vec::new();
        for some in keys.chunks(KEYS) {
            let mut days: BTreeMap<_, Vec<&str>> = BTreeMap::new();
            for (depot, date, block) in some {
                days.entry((*depot, *date)).or_default().push(block);
            }
            let any = days.into_iter().fold(Condition::any(), |any, ((depot, date), blocks)| {
                any.add(
                    Condition::all()
                        .add(Column::DepotId.eq(Uuid::from(depot)))
                        .add(Column::ServiceDate.eq(date))
                        .add(Column::Block.is_in(blocks)),
                )
            });
            let rows = Entity::find()
                .filter(of(organisation).add(any))
                .order_by_asc(Column::Id)
                .lock_exclusive()
                .all(self.connection())
                .await;
            for row in rows.map_err(store_error)? {
                found.push(Run::try_from(row)?);
            }
        }
        found.sort_by_key(|run| run.id);
        found.dedup_by_key(|run| run.id);
        Ok(found)
    }

    async fn runs_of_series(
        &mut self,
        organisation: OrganisationId,
        series: RunSeriesId,
        from: NaiveDate,
    ) -> Result<Vec<Run>, StoreError> {
        let wanted =
            of(organisation).add(Column::SeriesId.eq(Uuid::from(series))).add(Column::SeriesDate.gte(from));
        let rows = Entity::find()
            .filter(wanted)
            .order_by_asc(Column::SeriesDate)
            .lock_exclusive()
            .all(self.connection())
            .await;
        rows.map_err(store_error)?.into_iter().map(Run::try_from).collect()
    }

    async fn vehicles_hold(
        &mut self,
        organisation: OrganisationId,
        ids: &[VehicleId],
    ) -> Result<Vec<Vehicle>, StoreError> {
        use vehicle_entity::{Column, Entity};
        let mut ids: Vec<Uuid> = ids.iter().copied().map(Uuid::from).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut held = Vec::with_capacity(ids.len());
        for some in ids.chunks(ROWS) {
            let rows = Entity::find()
                .filter(Column::OrganisationId.eq(Uuid::from(organisation)))
                .filter(Column::Id.is_in(some.iter().copied()))
                .order_by_asc(Column::Id)
                .lock_exclusive()
                .all(self.connection())
                .await;
            for row in rows.map_err(store_error)? {
                held.push(Vehicle::try_from(row)?);
            }
        }
        Ok(held)
    }

    async fn runs_of_vehicles(
        &mut self,
        organisation: OrganisationId,
        vehicles: &[VehicleId],
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Run>, StoreError> {
        on_road(self.connection(), organisation, vehicles, from, to).await
    }

    async fn runs_put(&mut self, runs: &[Run]) -> Result<(), StoreError> {
        let kept = [Column::Id, Column::OrganisationId, Column::CreatedAt];
        for some in runs.chunks(ROWS) {
            let rows: Vec<ActiveModel> = some.iter().map(row).collect::<Result<_, _>>()?;
            let replaced = Column::iter().filter(|column| !kept.iter().any(|kept| same(kept, column)));
            Entity::insert_many(rows)
                .on_conflict(OnConflict::column(Column::Id).update_columns(replaced).to_owned())
                .exec_without_returning(self.connection())
                .await
                .map_err(store_error)?;
        }
        Ok(())
    }

    async fn runs_delete(&mut self, organisation: OrganisationId, ids: &[RunId]) -> Result<(), StoreError> {
        for some in ids.chunks(ROWS) {
            Entity::delete_many()
                .filter(of(organisation).add(Column::Id.is_in(some.iter().copied().map(Uuid::from))))
                .exec(self.connection())
                .await
                .map_err(store_error)?;
        }
        Ok(())
    }
}

fn same(one: &Column, other: &Column) -> bool {
    std::mem::discriminant(one) == std::mem::discriminant(other)
}
