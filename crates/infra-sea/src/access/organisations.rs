//! The ports of organisations, and the reader that organisations, users and roles share.

use ::access::{
    AccessReader, HasOrganisations, Organisation, OrganisationRepository, Role, Session, User, UserFilter,
};
use async_trait::async_trait;
use kernel::{OrganisationId, Page, PageRequest, RoleId, StoreError, Timestamp, UserId, Version};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, prelude::Uuid};

use super::{
    organisation_entity::{Column, Entity, row},
    roles, sessions, users,
};
use crate::{
    connect::Sea,
    error::store_error,
    unit::{SeaTx, changed_one},
};

impl HasOrganisations for SeaTx {
    fn organisations(&mut self) -> &mut dyn OrganisationRepository {
        self
    }
}

#[async_trait]
impl OrganisationRepository for SeaTx {
    async fn organisation_insert(&mut self, organisation: &Organisation) -> Result<(), StoreError> {
        Entity::insert(row(organisation))
            .exec_without_returning(self.connection())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn organisation_find(&mut self, id: OrganisationId) -> Result<Option<Organisation>, StoreError> {
        let found = Entity::find_by_id(Uuid::from(id)).lock_exclusive().one(self.connection()).await;
        Ok(found.map_err(store_error)?.map(Organisation::from))
    }

    async fn organisation_find_by_handle(
        &mut self,
        handle: &str,
    ) -> Result<Option<Organisation>, StoreError> {
        let found = Entity::find().filter(Column::Handle.eq(handle)).one(self.connection()).await;
        Ok(found.map_err(store_error)?.map(Organisation::from))
    }

    async fn organisation_update(
        &mut self,
        organisation: &Organisation,
        read: Version,
    ) -> Result<(), StoreError> {
        let updated = Entity::update_many()
            .set(row(organisation))
            .filter(Column::Id.eq(Uuid::from(organisation.id)))
            .filter(Column::Version.eq(read.0))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        changed_one(updated.rows_affected)
    }
}

#[async_trait]
impl AccessReader for Sea {
    async fn organisation_get(&self, id: OrganisationId) -> Result<Option<Organisation>, StoreError> {
        let found = Entity::find_by_id(Uuid::from(id)).one(self.reader()).await;
        Ok(found.map_err(store_error)?.map(Organisation::from))
    }

    async fn user_get(&self, organisation: OrganisationId, id: UserId) -> Result<Option<User>, StoreError> {
        users::get(self.reader(), organisation, id).await
    }

    async fn user_list(
        &self,
        organisation: OrganisationId,
        filter: &UserFilter,
        page: PageRequest,
    ) -> Result<Page<User>, StoreError> {
        users::list(self.reader(), organisation, filter, page).await
    }

    async fn session_list(
        &self,
        organisation: OrganisationId,
        user: UserId,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError> {
        sessions::list(self.reader(), organisation, user, now).await
    }

    async fn role_get(&self, organisation: OrganisationId, id: RoleId) -> Result<Option<Role>, StoreError> {
        roles::get(self.reader(), organisation, id).await
    }

    async fn role_list(
        &self,
        organisation: OrganisationId,
        page: PageRequest,
    ) -> Result<Page<Role>, StoreError> {
        roles::list(self.reader(), organisation, page).await
    }
}
