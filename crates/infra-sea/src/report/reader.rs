//! Runs outside a unit of work.

use ::report::{ReportReader, Run, RunFilter, RunState, Schedule};
use async_trait::async_trait;
use kernel::{
    Cursor, OrganisationId, Page, PageRequest, ReportRunId, ReportScheduleId, StoreError, Timestamp,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, prelude::Uuid};

use super::{
    entity::{Column, Entity, Model},
    schedule_entity,
};
use crate::{connect::Sea, error::store_error, paging::oldest_first, word};

fn runs(rows: Vec<Model>) -> Result<Vec<Run>, StoreError> {
    rows.into_iter().map(Run::try_from).collect()
}

#[async_trait]
impl ReportReader for Sea {
    async fn run_get(
        &self,
        organisation: OrganisationId,
        id: ReportRunId,
    ) -> Result<Option<Run>, StoreError> {
        let found = Entity::find()
            .filter(Column::OrganisationId.eq(Uuid::from(organisation)))
            .filter(Column::Id.eq(Uuid::from(id)))
            .one(self.reader())
            .await;
        found.map_err(store_error)?.map(Run::try_from).transpose()
    }

    async fn run_list(
        &self,
        organisation: OrganisationId,
        filter: &RunFilter,
        page: PageRequest,
    ) -> Result<Page<Run>, StoreError> {
        let state = filter.state.map(|state| word::write(&state)).transpose()?;
        let wanted = Condition::all()
            .add(Column::OrganisationId.eq(Uuid::from(organisation)))
            .add_option(state.map(|state| Column::State.eq(state)))
            .add_option(page.after.map(|cursor| Column::Id.lt(cursor.id)));
        let rows = Entity::find()
            .filter(wanted)
            .order_by_desc(Column::Id)
            .limit(u64::from(page.limit.get()) + 1)
            .all(self.reader())
            .await;
        Ok(Page::from_surplus(runs(rows.map_err(store_error)?)?, page.limit, |run| Cursor::of(run.id)))
    }

    async fn runs_due(
        &self,
        now: Timestamp,
        limit: u16,
    ) -> Result<Vec<(OrganisationId, ReportRunId)>, StoreError> {
        let rows: Vec<(Uuid, Uuid)> = Entity::find()
            .select_only()
            .columns([Column::OrganisationId, Column::Id])
            .filter(Column::DueAt.lte(now))
            .order_by_asc(Column::DueAt)
            .order_by_asc(Column::Id)
            .limit(u64::from(limit))
            .into_tuple()
            .all(self.reader())
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(|(organisation, id)| (organisation.into(), id.into())).collect())
    }

    async fn runs_unindexed(&self, limit: u16) -> Result<Vec<Run>, StoreError> {
        let rows = Entity::find()
            .filter(Column::State.eq(word::write(&RunState::Finished)?))
            .filter(Column::Indexed.eq(false))
            .order_by_asc(Column::Id)
            .limit(u64::from(limit))
            .all(self.reader())
            .await;
        runs(rows.map_err(store_error)?)
    }

    async fn runs_expired(
        &self,
        ended_before: Timestamp,
        now: Timestamp,
        limit: u16,
    ) -> Result<Vec<Run>, StoreError> {
        let fruitless = Condition::all().add(Column::File.is_null()).add(Column::EndedAt.lt(ended_before));
        let rows = Entity::find()
            .filter(Condition::any().add(Column::ExpiresAt.lte(now)).add(fruitless))
            .order_by_asc(Column::Id)
            .limit(u64::from(limit))
            .all(self.reader())
            .await;
        runs(rows.map_err(store_error)?)
    }

    async fn schedule_get(
        &self,
        organisation: OrganisationId,
        id: ReportScheduleId,
    ) -> Result<Option<Schedule>, StoreError> {
        use schedule_entity::{Column, Entity};
        let found = Entity::find()
            .filter(Column::OrganisationId.eq(Uuid::from(organisation)))
            .filter(Column::Id.eq(Uuid::from(id)))
            .one(self.reader())
            .await;
        found.map_err(store_error)?.map(Schedule::try_from).transpose()
    }

    async fn schedule_list(
        &self,
        organisation: OrganisationId,
        page: PageRequest,
    ) -> Result<Page<Schedule>, StoreError> {
        use schedule_entity::{Column, Entity};
        let ours = Entity::find().filter(Column::OrganisationId.eq(Uuid::from(organisation)));
        let rows = oldest_first(ours, Column::Id, page).all(self.reader()).await;
        let schedules: Result<Vec<_>, _> =
            rows.map_err(store_error)?.into_iter().map(Schedule::try_from).collect();
        Ok(Page::from_surplus(schedules?, page.limit, |schedule| Cursor::of(schedule.id)))
    }

    async fn schedules_due(
        &self,
        now: Timestamp,
        limit: u16,
    ) -> Result<Vec<(OrganisationId, ReportScheduleId)>, StoreError> {
        use schedule_entity::{Column, Entity};
        let rows: Vec<(Uuid, Uuid)> = Entity::find()
            .select_only()
            .columns([Column::OrganisationId, Column::Id])
            .filter(Column::NextAt.lte(now))
            .filter(Column::Paused.eq(false))
            .order_by_asc(Column::NextAt)
            .order_by_asc(Column::Id)
            .limit(u64::from(limit))
            .into_tuple()
            .all(self.reader())
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(|(organisation, id)| (organisation.into(), id.into())).collect())
    }
}
