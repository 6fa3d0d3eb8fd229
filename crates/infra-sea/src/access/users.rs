//! The repository of users with their roles, and how readers find them.

use std::collections::{BTreeMap, BTreeSet};

use ::access::{BuiltInRole, GroupGrant, HasUsers, User, UserFilter, UserRepository};
use async_trait::async_trait;
use kernel::{Cursor, OrganisationId, Page, PageRequest, RoleId, StoreError, UserId, Version};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter,
    QuerySelect, QueryTrait,
    prelude::Uuid,
    sea_query::{Expr, Query, SelectStatement},
};

use super::{
    role_entity,
    user_entity::{Column, Entity, Model, row},
    user_role_entity as user_role,
};
use crate::{
    error::store_error,
    paging::oldest_first,
    search::contains,
    unit::{SeaTx, changed_one},
    word,
};

/// The table of roles within groups.
const GRANTS: &str = "user_group_role";

impl HasUsers for SeaTx {
    fn users(&mut self) -> &mut dyn UserRepository {
        self
    }
}

fn of(organisation: OrganisationId, id: UserId) -> Condition {
    Condition::all()
        .add(Column::OrganisationId.eq(Uuid::from(organisation)))
        .add(Column::Id.eq(Uuid::from(id)))
}

#[async_trait]
impl UserRepository for SeaTx {
    async fn user_insert(&mut self, user: &User) -> Result<(), StoreError> {
        Entity::insert(row(user)).exec_without_returning(self.connection()).await.map_err(store_error)?;
        insert_roles(self.connection(), user).await
    }

    async fn user_find(
        &mut self,
        organisation: OrganisationId,
        id: UserId,
    ) -> Result<Option<User>, StoreError> {
        let found = Entity::find().filter(of(organisation, id)).lock_exclusive().one(self.connection()).await;
        with_roles_one(self.connection(), found.map_err(store_error)?).await
    }

    async fn user_update(&mut self, user: &User, read: Version) -> Result<(), StoreError> {
        let updated = Entity::update_many()
            .set(row(user))
            .filter(of(user.organisation, user.id).add(Column::Version.eq(read.0)))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        changed_one(updated.rows_affected)?;
        user_role::Entity::delete_many()
            .filter(user_role::Column::UserId.eq(Uuid::from(user.id)))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        let grants = Query::delete()
            .from_table(GRANTS)
            .and_where(Expr::col("user_id").eq(Uuid::from(user.id)))
            .to_owned();
        self.connection().execute(&grants).await.map_err(store_error)?;
        insert_roles(self.connection(), user).await
    }

    async fn user_delete(
        &mut self,
        organisation: OrganisationId,
        id: UserId,
        read: Version,
    ) -> Result<(), StoreError> {
        let deleted = Entity::delete_many()
            .filter(of(organisation, id).add(Column::Version.eq(read.0)))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        changed_one(deleted.rows_affected)
    }

    async fn administrators(&mut self, organisation: OrganisationId) -> Result<u64, StoreError> {
        let administrator = role_entity::Entity::find()
            .select_only()
            .column(role_entity::Column::Id)
            .filter(role_entity::Column::OrganisationId.eq(Uuid::from(organisation)))
            .filter(role_entity::Column::BuiltIn.eq(word::write(&BuiltInRole::Administrator)?))
            .into_query();
        let holders = user_role::Entity::find()
            .select_only()
            .column(user_role::Column::UserId)
            .filter(user_role::Column::RoleId.in_subquery(administrator))
            .into_query();
        Entity::find()
            .filter(Column::OrganisationId.eq(Uuid::from(organisation)))
            .filter(Column::Active.eq(true))
            .filter(Column::Id.in_subquery(holders))
            .count(self.connection())
            .await
            .map_err(store_error)
    }
}

async fn insert_roles(connection: &impl ConnectionTrait, user: &User) -> Result<(), StoreError> {
    if !user.grants.is_empty() {
        let mut insert =
            Query::insert().into_table(GRANTS).columns(["user_id", "group_id", "role_id"]).to_owned();
        for grant in &user.grants {
            let (group, role) = (Uuid::from(grant.group), Uuid::from(grant.role));
            insert.values_panic([Uuid::from(user.id).into(), group.into(), role.into()]);
        }
        connection.execute(&insert).await.map_err(store_error)?;
    }
    if user.roles.is_empty() {
        return Ok(());
    }
    let rows = user
        .roles
        .iter()
        .map(|role| user_role::ActiveModel { user_id: Set(user.id.into()), role_id: Set((*role).into()) });
    user_role::Entity::insert_many(rows).exec_without_returning(connection).await.map_err(store_error)?;
    Ok(())
}

pub(super) async fn get(
    connection: &impl ConnectionTrait,
    organisation: OrganisationId,
    id: UserId,
) -> Result<Option<User>, StoreError> {
    let found = Entity::find().filter(of(organisation, id)).one(connection).await;
    with_roles_one(connection, found.map_err(store_error)?).await
}

pub(super) async fn list(
    connection: &impl ConnectionTrait,
    organisation: OrganisationId,
    filter: &UserFilter,
    page: PageRequest,
) -> Result<Page<User>, StoreError> {
    let mut wanted = Condition::all().add(Column::OrganisationId.eq(Uuid::from(organisation)));
    if let Some(active) = filter.active {
        wanted = wanted.add(Column::Active.eq(active));
    }
    if let Some(role) = filter.role {
        let granted = Query::select()
            .column("user_id")
            .from(GRANTS)
            .and_where(Expr::col("role_id").eq(Uuid::from(role)))
            .to_owned();
        let anywhere =
            Condition::any().add(Column::Id.in_subquery(holders(role))).add(Column::Id.in_subquery(granted));
        wanted = wanted.add(anywhere);
    }
    if let Some(search) = &filter.search {
        wanted = wanted.add(contains(Column::Email, search).or(contains(Column::DisplayName, search)));
    }
    let rows = oldest_first(Entity::find().filter(wanted), Column::Id, page).all(connection).await;
    let users = with_roles(connection, rows.map_err(store_error)?).await?;
    Ok(Page::from_surplus(users, page.limit, |user| Cursor::of(user.id)))
}

/// The ids of the users who have a role in the whole organisation.
fn holders(role: RoleId) -> SelectStatement {
    user_role::Entity::find()
        .select_only()
        .column(user_role::Column::UserId)
        .filter(user_role::Column::RoleId.eq(Uuid::from(role)))
        .into_query()
}

pub(super) async fn with_roles_one(
    connection: &impl ConnectionTrait,
    row: Option<Model>,
) -> Result<Option<User>, StoreError> {
    Ok(with_roles(connection, row.into_iter().collect()).await?.pop())
}

async fn with_roles(connection: &impl ConnectionTrait, rows: Vec<Model>) -> Result<Vec<User>, StoreError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let grants = user_role::Entity::find()
        .filter(user_role::Column::UserId.is_in(rows.iter().map(|row| row.id)))
        .all(connection)
        .await
        .map_err(store_error)?;
    let mut roles: BTreeMap<Uuid, BTreeSet<RoleId>> = BTreeMap::new();
    for grant in grants {
        roles.entry(grant.user_id).or_default().insert(grant.role_id.into());
    }
    let mut grants = grants_of(connection, rows.iter().map(|row| row.id).collect()).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let granted = roles.remove(&row.id).unwrap_or_default();
            let within = grants.remove(&row.id).unwrap_or_default();
            row.with_roles(granted, within)
        })
        .collect())
}

/// The roles that users have within groups.
pub(super) async fn grants_of(
    connection: &impl ConnectionTrait,
    users: Vec<Uuid>,
) -> Result<BTreeMap<Uuid, BTreeSet<GroupGrant>>, StoreError> {
    let query = Query::select()
        .columns(["user_id", "group_id", "role_id"])
        .from(GRANTS)
        .and_where(Expr::col("user_id").is_in(users))
        .to_owned();
    let mut grants: BTreeMap<Uuid, BTreeSet<GroupGrant>> = BTreeMap::new();
    for row in connection.query_all(&query).await.map_err(store_error)? {
        let get = |column: &str| row.try_get::<Uuid>("", column).map_err(store_error);
        let grant = GroupGrant { group: get("group_id")?.into(), role: get("role_id")?.into() };
        grants.entry(get("user_id")?).or_default().insert(grant);
    }
    Ok(grants)
}
