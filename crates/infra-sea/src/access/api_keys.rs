//! The ports of API keys: repository on a unit of work, reader on the store.

use ::access::{ApiKey, ApiKeyFilter, ApiKeyReader, ApiKeyRepository, HasApiKeys};
use async_trait::async_trait;
use kernel::{ApiKeyId, Cursor, OrganisationId, Page, PageRequest, StoreError, Version};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, prelude::Uuid};

use super::api_key_entity::{Column, Entity, row};
use crate::{
    connect::Sea,
    error::store_error,
    paging::oldest_first,
    unit::{SeaTx, changed_one},
};

impl HasApiKeys for SeaTx {
    fn api_keys(&mut self) -> &mut dyn ApiKeyRepository {
        self
    }
}

fn of(organisation: OrganisationId, id: ApiKeyId) -> Condition {
    Condition::all()
        .add(Column::OrganisationId.eq(Uuid::from(organisation)))
        .add(Column::Id.eq(Uuid::from(id)))
}

#[async_trait]
impl ApiKeyRepository for SeaTx {
    async fn api_key_insert(&mut self, key: &ApiKey) -> Result<(), StoreError> {
        Entity::insert(row(key)).exec_without_returning(self.connection()).await.map_err(store_error)?;
        Ok(())
    }

    async fn api_key_find(
        &mut self,
        organisation: OrganisationId,
        id: ApiKeyId,
    ) -> Result<Option<ApiKey>, StoreError> {
        let found = Entity::find().filter(of(organisation, id)).lock_exclusive().one(self.connection()).await;
        found.map_err(store_error)?.map(ApiKey::try_from).transpose()
    }

    async fn api_key_update(&mut self, key: &ApiKey, read: Version) -> Result<(), StoreError> {
        let updated = Entity::update_many()
            .set(row(key))
            .filter(of(key.organisation, key.id).add(Column::Version.eq(read.0)))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        changed_one(updated.rows_affected)
    }
}

#[async_trait]
impl ApiKeyReader for Sea {
    async fn api_key_get(
        &self,
        organisation: OrganisationId,
        id: ApiKeyId,
    ) -> Result<Option<ApiKey>, StoreError> {
        let found = Entity::find().filter(of(organisation, id)).one(self.reader()).await;
        found.map_err(store_error)?.map(ApiKey::try_from).transpose()
    }

    async fn api_key_list(
        &self,
        organisation: OrganisationId,
        filter: &ApiKeyFilter,
        page: PageRequest,
    ) -> Result<Page<ApiKey>, StoreError> {
        let mut wanted = Condition::all().add(Column::OrganisationId.eq(Uuid::from(organisation)));
        wanted = match filter.revoked {
            None => wanted,
            Some(true) => wanted.add(Column::RevokedAt.is_not_null()),
            Some(false) => wanted.add(Column::RevokedAt.is_null()),
        };
        let rows = oldest_first(Entity::find().filter(wanted), Column::Id, page).all(self.reader()).await;
        let keys: Result<Vec<_>, _> = rows.map_err(store_error)?.into_iter().map(ApiKey::try_from).collect();
        Ok(Page::from_surplus(keys?, page.limit, |key| Cursor::of(key.id)))
    }
}
