//! Series within a unit of work.

use ::dispatch::{HasSeries, RunSeries, SeriesRepository};
use async_trait::async_trait;
use chrono::NaiveDate;
use kernel::{OrganisationId, RunSeriesId, StoreError, Version};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, prelude::Uuid,
};

use super::series_entity::{ActiveModel, Column, Entity, kept_row, row};
use crate::{
    error::store_error,
    unit::{SeaTx, changed_one},
};

impl HasSeries for SeaTx {
    fn series(&mut self) -> &mut dyn SeriesRepository {
        self
    }
}

pub(super) fn of(organisation: OrganisationId, id: RunSeriesId) -> Condition {
    Condition::all()
        .add(Column::OrganisationId.eq(Uuid::from(organisation)))
        .add(Column::Id.eq(Uuid::from(id)))
}

#[async_trait]
impl SeriesRepository for SeaTx {
    async fn series_insert(&mut self, series: &RunSeries) -> Result<(), StoreError> {
        Entity::insert(row(series)?).exec_without_returning(self.connection()).await.map_err(store_error)?;
        Ok(())
    }

    async fn series_find(
        &mut self,
        organisation: OrganisationId,
        id: RunSeriesId,
    ) -> Result<Option<RunSeries>, StoreError> {
        let found = Entity::find().filter(of(organisation, id)).lock_exclusive().one(self.connection()).await;
        found.map_err(store_error)?.map(RunSeries::try_from).transpose()
    }

    async fn series_update(&mut self, series: &RunSeries, read: Version) -> Result<(), StoreError> {
        let updated = Entity::update_many()
            .set(kept_row(series)?)
            .filter(of(series.organisation, series.id).add(Column::Version.eq(read.0)))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        changed_one(updated.rows_affected)
    }

    async fn series_made(
        &mut self,
        organisation: OrganisationId,
        id: RunSeriesId,
        until: NaiveDate,
    ) -> Result<(), StoreError> {
        Entity::update_many()
            .set(ActiveModel { made_until: Set(Some(until)), ..Default::default() })
            .filter(of(organisation, id))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn series_delete(&mut self, series: &RunSeries) -> Result<(), StoreError> {
        let deleted = Entity::delete_many()
            .filter(of(series.organisation, series.id).add(Column::Version.eq(series.version.0)))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        changed_one(deleted.rows_affected)
    }
}
