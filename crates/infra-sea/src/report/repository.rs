//! Runs within a unit of work.

use ::report::{HasReports, ReportRepository, Run, Schedule};
use async_trait::async_trait;
use kernel::{OrganisationId, ReportRunId, ReportScheduleId, StoreError, Version};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, prelude::Uuid};

use super::{
    entity::{Column, Entity, row},
    schedule_entity,
};
use crate::{
    error::store_error,
    unit::{SeaTx, changed_one},
};

impl HasReports for SeaTx {
    fn reports(&mut self) -> &mut dyn ReportRepository {
        self
    }
}

#[async_trait]
impl ReportRepository for SeaTx {
    async fn run_insert(&mut self, run: &Run) -> Result<(), StoreError> {
        let insert = Entity::insert(row(run)?);
        insert.exec_without_returning(self.connection()).await.map_err(store_error)?;
        Ok(())
    }

    async fn run_find(
        &mut self,
        organisation: OrganisationId,
        id: ReportRunId,
    ) -> Result<Option<Run>, StoreError> {
        let found = Entity::find()
            .filter(Column::OrganisationId.eq(Uuid::from(organisation)))
            .filter(Column::Id.eq(Uuid::from(id)))
            .lock_exclusive()
            .one(self.connection())
            .await;
        found.map_err(store_error)?.map(Run::try_from).transpose()
    }

    async fn run_update(&mut self, run: &Run, read: Version) -> Result<(), StoreError> {
        let updated = Entity::update_many()
            .set(row(run)?)
            .filter(Column::Id.eq(Uuid::from(run.id)))
            .filter(Column::Version.eq(read.0))
            .exec(self.connection())
            .await;
        changed_one(updated.map_err(store_error)?.rows_affected)
    }

    async fn run_delete(&mut self, organisation: OrganisationId, id: ReportRunId) -> Result<(), StoreError> {
        Entity::delete_many()
            .filter(Column::OrganisationId.eq(Uuid::from(organisation)))
            .filter(Column::Id.eq(Uuid::from(id)))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn schedule_insert(&mut self, schedule: &Schedule) -> Result<(), StoreError> {
        let insert = schedule_entity::Entity::insert(schedule_entity::row(schedule)?);
        insert.exec_without_returning(self.connection()).await.map_err(store_error)?;
        Ok(())
    }

    async fn schedule_find(
        &mut self,
        organisation: OrganisationId,
        id: ReportScheduleId,
    ) -> Result<Option<Schedule>, StoreError> {
        use schedule_entity::{Column, Entity};
        let found = Entity::find()
            .filter(Column::OrganisationId.eq(Uuid::from(organisation)))
            .filter(Column::Id.eq(Uuid::from(id)))
            .lock_exclusive()
            .one(self.connection())
            .await;
        found.map_err(store_error)?.map(Schedule::try_from).transpose()
    }

    async fn schedule_update(&mut self, schedule: &Schedule, read: Version) -> Result<(), StoreError> {
        use schedule_entity::{Column, Entity};
        let updated = Entity::update_many()
            .set(schedule_entity::row(schedule)?)
            .filter(Column::Id.eq(Uuid::from(schedule.id)))
            .filter(Column::Version.eq(read.0))
            .exec(self.connection())
            .await;
        changed_one(updated.map_err(store_error)?.rows_affected)
    }

    async fn schedule_delete(&mut self, schedule: &Schedule) -> Result<(), StoreError> {
        use schedule_entity::{Column, Entity};
        let deleted = Entity::delete_many()
            .filter(Column::Id.eq(Uuid::from(schedule.id)))
            .filter(Column::Version.eq(schedule.version.0))
            .exec(self.connection())
            .await;
        changed_one(deleted.map_err(store_error)?.rows_affected)
    }

    async fn runs_under_way(&mut self, organisation: OrganisationId) -> Result<u64, StoreError> {
        Entity::find()
            .filter(Column::OrganisationId.eq(Uuid::from(organisation)))
            .filter(Column::DueAt.is_not_null())
            .count(self.connection())
            .await
            .map_err(store_error)
    }
}
