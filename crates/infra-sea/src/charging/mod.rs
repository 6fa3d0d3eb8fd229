//! Setpoints, allocations, overrides and plans; the past that planning looks at.

mod entities;
mod history;
mod override_entity;
mod overrides;
mod plans;

use ::charging::{DepotAllocation, HasSetpoints, Setpoint, SetpointReader, SetpointRepository};
use async_trait::async_trait;
use kernel::{DepotId, OrganisationId, StoreError};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, prelude::Uuid,
    sea_query::OnConflict,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use self::entities::{allocation, setpoint};
use crate::{connect::Sea, error::store_error, unit::SeaTx};

/// Setpoints in one statement: engines limit how many values it may have.
const AT_ONCE: usize = 1_000;

impl HasSetpoints for SeaTx {
    fn setpoints(&mut self) -> &mut dyn SetpointRepository {
        self
    }
}

fn written(value: &impl Serialize) -> Result<Value, StoreError> {
    serde_json::to_value(value).map_err(|_| StoreError::corrupt("a state that cannot be written"))
}

fn read<T: DeserializeOwned>(state: Value) -> Result<T, StoreError> {
    serde_json::from_value(state)
        .map_err(|_| StoreError::corrupt("a stored state of the control or of planning"))
}

#[async_trait]
impl SetpointRepository for SeaTx {
    async fn setpoints_save(&mut self, setpoints: &[Setpoint]) -> Result<(), StoreError> {
        for some in setpoints.chunks(AT_ONCE) {
            let mut rows = Vec::with_capacity(some.len());
            for setpoint in some {
                rows.push(setpoint::ActiveModel {
                    evse_id: Set(setpoint.evse.into()),
                    organisation_id: Set(setpoint.organisation.into()),
                    depot_id: Set(setpoint.depot.into()),
                    state: Set(written(setpoint)?),
                });
            }
            let key = OnConflict::column(setpoint::Column::EvseId)
                .update_columns([setpoint::Column::DepotId, setpoint::Column::State])
                .to_owned();
            setpoint::Entity::insert_many(rows)
                .on_conflict(key)
                .exec_without_returning(self.connection())
                .await
                .map_err(store_error)?;
        }
        Ok(())
    }

    async fn allocation_save(
        &mut self,
        organisation: OrganisationId,
        found: &DepotAllocation,
    ) -> Result<(), StoreError> {
        let row = allocation::ActiveModel {
            depot_id: Set(found.depot.into()),
            organisation_id: Set(organisation.into()),
            computed_at: Set(found.computed_at),
            state: Set(written(found)?),
        };
        let key = OnConflict::column(allocation::Column::DepotId)
            .update_columns([allocation::Column::ComputedAt, allocation::Column::State])
            .to_owned();
        allocation::Entity::insert(row)
            .on_conflict(key)
            .exec_without_returning(self.connection())
            .await
            .map_err(store_error)?;
        Ok(())
    }
}

#[async_trait]
impl SetpointReader for Sea {
    async fn setpoints_of(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
    ) -> Result<Vec<Setpoint>, StoreError> {
        use setpoint::{Column, Entity};
        let own =
            Column::OrganisationId.eq(Uuid::from(organisation)).and(Column::DepotId.eq(Uuid::from(depot)));
        let rows = Entity::find().filter(own).order_by_asc(Column::EvseId).all(self.reader()).await;
        rows.map_err(store_error)?.into_iter().map(|row| read(row.state)).collect()
    }

    async fn allocation_of(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
    ) -> Result<Option<DepotAllocation>, StoreError> {
        use allocation::{Column, Entity};
        let own =
            Column::OrganisationId.eq(Uuid::from(organisation)).and(Column::DepotId.eq(Uuid::from(depot)));
        let found = Entity::find().filter(own).one(self.reader()).await;
        found.map_err(store_error)?.map(|row| read(row.state)).transpose()
    }
}
