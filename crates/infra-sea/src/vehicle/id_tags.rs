//! The ports of id tags: repository on a unit of work, reader on the store.

use ::vehicle::{HasIdTags, IdTag, IdTagFilter, IdTagReader, IdTagRepository, IdTagValue};
use async_trait::async_trait;
use kernel::{Cursor, IdTagId, Kind, OrganisationId, Page, PageRequest, Reach, StoreError, Version};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, prelude::Uuid};

use super::id_tag_entity::{Column, Entity, row};
use crate::{
    connect::Sea,
    error::store_error,
    paging::oldest_first,
    reach::within,
    unit::{SeaTx, changed_one},
    word,
};

impl HasIdTags for SeaTx {
    fn id_tags(&mut self) -> &mut dyn IdTagRepository {
        self
    }
}

fn of(organisation: OrganisationId, id: IdTagId) -> Condition {
    Condition::all()
        .add(Column::OrganisationId.eq(Uuid::from(organisation)))
        .add(Column::Id.eq(Uuid::from(id)))
}

#[async_trait]
impl IdTagRepository for SeaTx {
    async fn id_tag_insert(&mut self, tag: &IdTag) -> Result<(), StoreError> {
        Entity::insert(row(tag)?).exec_without_returning(self.connection()).await.map_err(store_error)?;
        Ok(())
    }

    async fn id_tag_find(
        &mut self,
        organisation: OrganisationId,
        id: IdTagId,
    ) -> Result<Option<IdTag>, StoreError> {
        let found = Entity::find().filter(of(organisation, id)).lock_exclusive().one(self.connection()).await;
        found.map_err(store_error)?.map(IdTag::try_from).transpose()
    }

    async fn id_tag_find_by_value(
        &mut self,
        organisation: OrganisationId,
        value: &IdTagValue,
    ) -> Result<Option<IdTag>, StoreError> {
        let found = Entity::find()
            .filter(Column::OrganisationId.eq(Uuid::from(organisation)))
            .filter(Column::Value.eq(value.as_str()))
            .one(self.connection())
            .await;
        found.map_err(store_error)?.map(IdTag::try_from).transpose()
    }

    async fn id_tag_update(&mut self, tag: &IdTag, read: Version) -> Result<(), StoreError> {
        let updated = Entity::update_many()
            .set(row(tag)?)
            .filter(of(tag.organisation, tag.id).add(Column::Version.eq(read.0)))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        changed_one(updated.rows_affected)
    }

    async fn id_tag_delete(
        &mut self,
        organisation: OrganisationId,
        id: IdTagId,
        read: Version,
    ) -> Result<(), StoreError> {
        let deleted = Entity::delete_many()
            .filter(of(organisation, id).add(Column::Version.eq(read.0)))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        changed_one(deleted.rows_affected)
    }
}

#[async_trait]
impl IdTagReader for Sea {
    async fn id_tag_get(
        &self,
        organisation: OrganisationId,
        id: IdTagId,
    ) -> Result<Option<IdTag>, StoreError> {
        let found = Entity::find().filter(of(organisation, id)).one(self.reader()).await;
        found.map_err(store_error)?.map(IdTag::try_from).transpose()
    }

    async fn id_tag_list(
        &self,
        reach: &Reach,
        filter: &IdTagFilter,
        page: PageRequest,
    ) -> Result<Page<IdTag>, StoreError> {
        let mut wanted = Condition::all()
            .add(Column::OrganisationId.eq(Uuid::from(reach.organisation())))
            .add_option(within(reach, Kind::IdTag));
        if let Some(vehicle) = filter.vehicle {
            wanted = wanted.add(Column::VehicleId.eq(Uuid::from(vehicle)));
        }
        if let Some(value) = &filter.value {
            wanted = wanted.add(Column::Value.eq(value.as_str()));
        }
        if let Some(kind) = filter.kind {
            wanted = wanted.add(Column::Kind.eq(word::write(&kind)?));
        }
        if let Some(status) = filter.status {
            wanted = wanted.add(Column::Status.eq(word::write(&status)?));
        }
        let rows = oldest_first(Entity::find().filter(wanted), Column::Id, page).all(self.reader()).await;
        let tags: Result<Vec<_>, _> = rows.map_err(store_error)?.into_iter().map(IdTag::try_from).collect();
        Ok(Page::from_surplus(tags?, page.limit, |tag| Cursor::of(tag.id)))
    }
}
