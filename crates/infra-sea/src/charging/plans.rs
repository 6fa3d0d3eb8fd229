//! The newest plan of each depot, and what was planned of past slots.

use ::charging::{DepotOutlook, DepotPlan, HasPlans, PlanReader, PlanRepository, PlanUpkeep, PlannedSlot};
use async_trait::async_trait;
use kernel::{DepotId, OrganisationId, StoreError, Timestamp, W};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, prelude::Uuid,
    sea_query::OnConflict,
};
use serde_json::Value;

use super::{
    AT_ONCE,
    entities::{plan, planned_slot},
    read, written,
};
use crate::{connect::Sea, error::store_error, unit::SeaTx};

impl HasPlans for SeaTx {
    fn plans(&mut self) -> &mut dyn PlanRepository {
        self
    }
}

#[async_trait]
impl PlanRepository for SeaTx {
    async fn outlook_save(
        &mut self,
        organisation: OrganisationId,
        outlook: &DepotOutlook,
    ) -> Result<(), StoreError> {
        use plan::Column::{Circuits, ComputedAt, DepotId, State};
        let row = plan::ActiveModel {
            depot_id: Set(outlook.plan.depot.into()),
            organisation_id: Set(organisation.into()),
            computed_at: Set(outlook.plan.computed_at),
            state: Set(written(&outlook.plan)?),
            circuits: Set(written(&outlook.circuits)?),
        };
        let key = OnConflict::column(DepotId).update_columns([ComputedAt, State, Circuits]).to_owned();
        plan::Entity::insert(row)
            .on_conflict(key)
            .exec_without_returning(self.connection())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn planned_slots_save(
        &mut self,
        organisation: OrganisationId,
        depot: DepotId,
        slots: &[PlannedSlot],
    ) -> Result<(), StoreError> {
        use planned_slot::Column::{At, DepotId};
        for some in slots.chunks(AT_ONCE) {
            let rows = some.iter().map(|slot| planned_slot::ActiveModel {
                depot_id: Set(depot.into()),
                at: Set(slot.at),
                organisation_id: Set(organisation.into()),
                planned_w: Set(slot.planned.get()),
            });
            planned_slot::Entity::insert_many(rows)
                .on_conflict(OnConflict::columns([DepotId, At]).do_nothing().to_owned())
                .exec_without_returning(self.connection())
                .await
                .map_err(store_error)?;
        }
        Ok(())
    }
}

#[async_trait]
impl PlanReader for Sea {
    async fn plan_of(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
    ) -> Result<Option<DepotPlan>, StoreError> {
        use plan::{Column, Entity};
        let found: Result<Option<Value>, _> = Entity::find()
            .select_only()
            .column(Column::State)
            .filter(Column::OrganisationId.eq(Uuid::from(organisation)))
            .filter(Column::DepotId.eq(Uuid::from(depot)))
            .into_tuple()
            .one(self.reader())
            .await;
        found.map_err(store_error)?.map(read).transpose()
    }

    async fn outlook_of(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
    ) -> Result<Option<DepotOutlook>, StoreError> {
        use plan::{Column, Entity};
        let found = Entity::find()
            .filter(Column::OrganisationId.eq(Uuid::from(organisation)))
            .filter(Column::DepotId.eq(Uuid::from(depot)))
            .one(self.reader())
            .await;
        let Some(row) = found.map_err(store_error)? else { return Ok(None) };
        Ok(Some(DepotOutlook { plan: read(row.state)?, circuits: read(row.circuits)? }))
    }

    async fn planned_slots(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<PlannedSlot>, StoreError> {
        use planned_slot::{Column, Entity};
        let rows = Entity::find()
            .filter(Column::OrganisationId.eq(Uuid::from(organisation)))
            .filter(Column::DepotId.eq(Uuid::from(depot)))
            .filter(Column::At.gte(from))
            .filter(Column::At.lt(to))
            .order_by_asc(Column::At)
            .all(self.reader())
            .await;
        let slot = |row: planned_slot::Model| PlannedSlot { at: row.at, planned: W(row.planned_w) };
        Ok(rows.map_err(store_error)?.into_iter().map(slot).collect())
    }
}

#[async_trait]
impl PlanUpkeep for Sea {
    async fn planned_slots_forget(&self, before: Timestamp) -> Result<u64, StoreError> {
        use planned_slot::{Column, Entity};
        let tx = self.begin_tx().await?;
        let old = Entity::delete_many().filter(Column::At.lt(before)).exec(tx.connection()).await;
        let forgotten = old.map_err(store_error)?.rows_affected;
        tx.commit_now().await?;
        Ok(forgotten)
    }
}
