//! The ports of API keys: repository on a unit of work, reader on the store.

use std::collections::BTreeMap;

use ::access::{ApiKey, ApiKeyFilter, ApiKeyReader, ApiKeyRepository, HasApiKeys};
use async_trait::async_trait;
use kernel::{ApiKeyId, Cursor, GroupSet, OrganisationId, Page, PageRequest, StoreError, Timestamp, Version};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect,
    prelude::Uuid,
    sea_query::{Expr, ExprTrait, Query},
};

use super::api_key_entity::{Column, Entity, Model, row};
use crate::{
    connect::Sea,
    error::store_error,
    paging::oldest_first,
    unit::{SeaTx, changed_one},
};

/// The table of the groups that keys are limited to. What a key reaches never changes.
const GROUPS: &str = "api_key_group";

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
        let Some(groups) = key.groups.as_ref().filter(|groups| !groups.is_empty()) else { return Ok(()) };
        let mut insert = Query::insert().into_table(GROUPS).columns(["api_key_id", "group_id"]).to_owned();
        for group in groups {
            insert.values_panic([Uuid::from(key.id).into(), Uuid::from(*group).into()]);
        }
        self.connection().execute(&insert).await.map_err(store_error)?;
        Ok(())
    }

    async fn api_key_find(
        &mut self,
        organisation: OrganisationId,
        id: ApiKeyId,
    ) -> Result<Option<ApiKey>, StoreError> {
        let found = Entity::find().filter(of(organisation, id)).lock_exclusive().one(self.connection()).await;
        with_groups_one(self.connection(), found.map_err(store_error)?).await
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

    async fn api_key_used(&mut self, id: ApiKeyId, at: Timestamp) -> Result<(), StoreError> {
        let earlier = Condition::any().add(Column::LastUsedAt.is_null()).add(Column::LastUsedAt.lt(at));
        Entity::update_many()
            .col_expr(Column::LastUsedAt, Expr::value(at))
            .filter(Condition::all().add(Column::Id.eq(Uuid::from(id))).add(earlier))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        Ok(())
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
        with_groups_one(self.reader(), found.map_err(store_error)?).await
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
        let keys = with_groups(self.reader(), rows.map_err(store_error)?).await?;
        Ok(Page::from_surplus(keys, page.limit, |key| Cursor::of(key.id)))
    }
}

pub(super) async fn with_groups_one(
    connection: &impl ConnectionTrait,
    row: Option<Model>,
) -> Result<Option<ApiKey>, StoreError> {
    Ok(with_groups(connection, row.into_iter().collect()).await?.pop())
}

async fn with_groups(connection: &impl ConnectionTrait, rows: Vec<Model>) -> Result<Vec<ApiKey>, StoreError> {
    let mut groups: BTreeMap<Uuid, GroupSet> = BTreeMap::new();
    let limited: Vec<Uuid> = rows.iter().filter(|row| row.limited).map(|row| row.id).collect();
    if !limited.is_empty() {
        let query = Query::select()
            .columns(["api_key_id", "group_id"])
            .from(GROUPS)
            .and_where(Expr::col("api_key_id").is_in(limited))
            .to_owned();
        for row in connection.query_all(&query).await.map_err(store_error)? {
            let key = row.try_get("", "api_key_id").map_err(store_error)?;
            let group: Uuid = row.try_get("", "group_id").map_err(store_error)?;
            groups.entry(key).or_default().insert(group.into());
        }
    }
    rows.into_iter()
        .map(|row| {
            let held = groups.remove(&row.id).unwrap_or_default();
            row.with_groups(held)
        })
        .collect()
}
