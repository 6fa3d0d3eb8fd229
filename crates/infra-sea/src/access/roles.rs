//! The repository of roles, and how readers find them.

use ::access::{BuiltInRole, HasRoles, Role, RoleRepository};
use async_trait::async_trait;
use kernel::{Cursor, OrganisationId, Page, PageRequest, RoleId, StoreError, Version};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, prelude::Uuid,
};

use super::role_entity::{Column, Entity, row};
use crate::{
    error::store_error,
    paging::oldest_first,
    unit::{SeaTx, changed_one},
    word,
};

impl HasRoles for SeaTx {
    fn roles(&mut self) -> &mut dyn RoleRepository {
        self
    }
}

fn ours(organisation: OrganisationId) -> Condition {
    Condition::all().add(Column::OrganisationId.eq(Uuid::from(organisation)))
}

fn of(organisation: OrganisationId, id: RoleId) -> Condition {
    ours(organisation).add(Column::Id.eq(Uuid::from(id)))
}

#[async_trait]
impl RoleRepository for SeaTx {
    async fn role_insert(&mut self, role: &Role) -> Result<(), StoreError> {
        Entity::insert(row(role)?).exec_without_returning(self.connection()).await.map_err(store_error)?;
        Ok(())
    }

    async fn role_find(
        &mut self,
        organisation: OrganisationId,
        id: RoleId,
    ) -> Result<Option<Role>, StoreError> {
        let found = Entity::find().filter(of(organisation, id)).lock_exclusive().one(self.connection()).await;
        found.map_err(store_error)?.map(Role::try_from).transpose()
    }

    async fn role_find_built_in(
        &mut self,
        organisation: OrganisationId,
        built_in: BuiltInRole,
    ) -> Result<Option<Role>, StoreError> {
        let wanted = ours(organisation).add(Column::BuiltIn.eq(word::write(&built_in)?));
        let found = Entity::find().filter(wanted).one(self.connection()).await;
        found.map_err(store_error)?.map(Role::try_from).transpose()
    }

    async fn roles_find(
        &mut self,
        organisation: OrganisationId,
        ids: &[RoleId],
    ) -> Result<Vec<Role>, StoreError> {
        let wanted = ours(organisation).add(Column::Id.is_in(ids.iter().map(|id| Uuid::from(*id))));
        let found = Entity::find().filter(wanted).order_by_asc(Column::Id).all(self.connection()).await;
        found.map_err(store_error)?.into_iter().map(Role::try_from).collect()
    }

    async fn role_update(&mut self, role: &Role, read: Version) -> Result<(), StoreError> {
        let updated = Entity::update_many()
            .set(row(role)?)
            .filter(of(role.organisation, role.id).add(Column::Version.eq(read.0)))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        changed_one(updated.rows_affected)
    }

    async fn role_delete(
        &mut self,
        organisation: OrganisationId,
        id: RoleId,
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

pub(super) async fn get(
    connection: &impl ConnectionTrait,
    organisation: OrganisationId,
    id: RoleId,
) -> Result<Option<Role>, StoreError> {
    let found = Entity::find().filter(of(organisation, id)).one(connection).await;
    found.map_err(store_error)?.map(Role::try_from).transpose()
}

pub(super) async fn list(
    connection: &impl ConnectionTrait,
    organisation: OrganisationId,
    page: PageRequest,
) -> Result<Page<Role>, StoreError> {
    let select = Entity::find().filter(ours(organisation));
    let rows = oldest_first(select, Column::Id, page).all(connection).await;
    let roles: Result<Vec<_>, _> = rows.map_err(store_error)?.into_iter().map(Role::try_from).collect();
    Ok(Page::from_surplus(roles?, page.limit, |role| Cursor::of(role.id)))
}
