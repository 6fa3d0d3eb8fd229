//! The electrical tree and what limits it, within a unit of work.

use ::depot::{Circuit, CircuitRepository, ExternalLimits, HasCircuits, LimitWindow, LoadReading, LoadState};
use async_trait::async_trait;
use kernel::{CircuitId, DepotId, LimitWindowId, OrganisationId, StoreError, Version, W};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, prelude::Uuid, sea_query::OnConflict,
};

use super::{
    circuit_entity::{self, Column, Entity},
    limit_entities::{external, load, window},
};
use crate::{
    error::store_error,
    unit::{SeaTx, changed_one},
};

impl HasCircuits for SeaTx {
    fn circuits(&mut self) -> &mut dyn CircuitRepository {
        self
    }
}

#[async_trait]
impl CircuitRepository for SeaTx {
    async fn circuits_of(
        &mut self,
        organisation: OrganisationId,
        depot: DepotId,
    ) -> Result<Vec<Circuit>, StoreError> {
        let rows = Entity::find()
            .filter(
                Column::OrganisationId
                    .eq(Uuid::from(organisation))
                    .and(Column::DepotId.eq(Uuid::from(depot))),
            )
            .order_by_asc(Column::Id)
            .all(self.connection())
            .await;
        rows.map_err(store_error)?.into_iter().map(Circuit::try_from).collect()
    }

    async fn circuit_insert(&mut self, circuit: &Circuit) -> Result<(), StoreError> {
        let insert = Entity::insert(circuit_entity::row(circuit)?);
        insert.exec_without_returning(self.connection()).await.map_err(store_error)?;
        Ok(())
    }

    async fn circuit_find(
        &mut self,
        organisation: OrganisationId,
        id: CircuitId,
    ) -> Result<Option<Circuit>, StoreError> {
        let found = Entity::find()
            .filter(Column::OrganisationId.eq(Uuid::from(organisation)).and(Column::Id.eq(Uuid::from(id))))
            .lock_exclusive()
            .one(self.connection())
            .await;
        found.map_err(store_error)?.map(Circuit::try_from).transpose()
    }

    async fn circuit_update(&mut self, circuit: &Circuit, read: Version) -> Result<(), StoreError> {
        let updated = Entity::update_many()
            .set(circuit_entity::row(circuit)?)
            .filter(Column::Id.eq(Uuid::from(circuit.id)).and(Column::Version.eq(read.0)))
            .exec(self.connection())
            .await;
        changed_one(updated.map_err(store_error)?.rows_affected)
    }

    async fn circuit_delete(&mut self, circuit: &Circuit) -> Result<(), StoreError> {
        let deleted = Entity::delete_many()
            .filter(Column::Id.eq(Uuid::from(circuit.id)).and(Column::Version.eq(circuit.version.0)))
            .exec(self.connection())
            .await;
        changed_one(deleted.map_err(store_error)?.rows_affected)
    }

    async fn circuit_has_charge_points(&mut self, id: CircuitId) -> Result<bool, StoreError> {
        self.refers("charge_point", [("circuit_id", id.into())]).await
    }

    async fn window_count(&mut self, circuit: CircuitId) -> Result<usize, StoreError> {
        let count = window::Entity::find()
            .filter(window::Column::CircuitId.eq(Uuid::from(circuit)))
            .count(self.connection())
            .await
            .map_err(store_error)?;
        Ok(usize::try_from(count).unwrap_or(usize::MAX))
    }

    async fn window_insert(&mut self, window: &LimitWindow) -> Result<(), StoreError> {
        let insert = window::Entity::insert(window::row(window)?);
        insert.exec_without_returning(self.connection()).await.map_err(store_error)?;
        Ok(())
    }

    async fn window_find(
        &mut self,
        organisation: OrganisationId,
        id: LimitWindowId,
    ) -> Result<Option<LimitWindow>, StoreError> {
        use window::{Column, Entity};
        let found = Entity::find()
            .filter(Column::OrganisationId.eq(Uuid::from(organisation)).and(Column::Id.eq(Uuid::from(id))))
            .one(self.connection())
            .await;
        found.map_err(store_error)?.map(LimitWindow::try_from).transpose()
    }

    async fn window_update(&mut self, window: &LimitWindow, read: Version) -> Result<(), StoreError> {
        use window::{Column, Entity};
        let updated = Entity::update_many()
            .set(window::row(window)?)
            .filter(Column::Id.eq(Uuid::from(window.id)).and(Column::Version.eq(read.0)))
            .exec(self.connection())
            .await;
        changed_one(updated.map_err(store_error)?.rows_affected)
    }

    async fn window_delete(&mut self, window: &LimitWindow) -> Result<(), StoreError> {
        use window::{Column, Entity};
        let deleted = Entity::delete_many()
            .filter(Column::Id.eq(Uuid::from(window.id)).and(Column::Version.eq(window.version.0)))
            .exec(self.connection())
            .await;
        changed_one(deleted.map_err(store_error)?.rows_affected)
    }

    async fn external_limits_put(&mut self, limits: &ExternalLimits) -> Result<(), StoreError> {
        use external::{Column, Entity};
        let own =
            Column::CircuitId.eq(Uuid::from(limits.circuit)).and(Column::Source.eq(limits.source.as_str()));
        Entity::delete_many().filter(own).exec(self.connection()).await.map_err(store_error)?;
        if !limits.limits.is_empty() {
            let insert = Entity::insert(external::row(limits)?);
            insert.exec_without_returning(self.connection()).await.map_err(store_error)?;
        }
        Ok(())
    }

    async fn load_append(&mut self, circuit: CircuitId, readings: &[LoadReading]) -> Result<(), StoreError> {
        let Some(newest) = readings.iter().max_by_key(|reading| reading.at).copied() else { return Ok(()) };
        let rows = readings.iter().map(|reading| load::ActiveModel {
            circuit_id: Set(circuit.into()),
            at: Set(reading.at),
            power_w: Set(reading.power.get()),
        });
        let key = OnConflict::columns([load::Column::CircuitId, load::Column::At])
            .update_column(load::Column::PowerW)
            .to_owned();
        load::Entity::insert_many(rows)
            .on_conflict(key)
            .exec_without_returning(self.connection())
            .await
            .map_err(store_error)?;
        let own = load::Column::CircuitId.eq(Uuid::from(circuit));
        let forgotten = own.clone().and(load::Column::At.lt(newest.at - LoadState::HISTORY));
        load::Entity::delete_many().filter(forgotten).exec(self.connection()).await.map_err(store_error)?;
        self.note_load(circuit).await
    }
}

impl SeaTx {
    /// Writes the latest and the highest reading beside the circuit, where its tree is read.
    async fn note_load(&self, circuit: CircuitId) -> Result<(), StoreError> {
        let own = load::Entity::find().filter(load::Column::CircuitId.eq(Uuid::from(circuit)));
        let latest = own.clone().order_by_desc(load::Column::At).one(self.connection()).await;
        let peak = own
            .order_by_desc(load::Column::PowerW)
            .order_by_desc(load::Column::At)
            .one(self.connection())
            .await;
        let reading =
            |row: Option<load::Model>| row.map(|row| LoadReading { at: row.at, power: W(row.power_w) });
        let (latest, peak) = (reading(latest.map_err(store_error)?), reading(peak.map_err(store_error)?));
        let noted = circuit_entity::ActiveModel {
            latest_load_at: Set(latest.map(|reading| reading.at)),
            latest_load_w: Set(latest.map(|reading| reading.power.get())),
            peak_load_at: Set(peak.map(|reading| reading.at)),
            peak_load_w: Set(peak.map(|reading| reading.power.get())),
            ..Default::default()
        };
        Entity::update_many()
            .set(noted)
            .filter(Column::Id.eq(Uuid::from(circuit)))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        Ok(())
    }
}
