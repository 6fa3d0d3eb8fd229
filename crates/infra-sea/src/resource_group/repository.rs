//! The repository of groups on a unit of work.

use std::collections::BTreeSet;

use ::resource_group::{GroupRepository, HasGroups, Member, Node, ResourceGroup};
use async_trait::async_trait;
use kernel::{OrganisationId, ResourceGroupId, StoreError, Version};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    prelude::Uuid,
    sea_query::{Expr, ExprTrait, Func, Query, SelectStatement},
};

use super::{
    entity::{Column, Entity, row},
    members,
};
use crate::{
    error::store_error,
    unit::{SeaTx, changed_one},
};

const PATH: &str = "resource_group_path";

impl HasGroups for SeaTx {
    fn groups(&mut self) -> &mut dyn GroupRepository {
        self
    }
}

fn of(organisation: OrganisationId, id: ResourceGroupId) -> Condition {
    Condition::all()
        .add(Column::OrganisationId.eq(Uuid::from(organisation)))
        .add(Column::Id.eq(Uuid::from(id)))
}

/// The number of the lock that guards an organisation's tree.
fn tree_lock(organisation: OrganisationId) -> i64 {
    let (high, low) = organisation.as_uuid().as_u64_pair();
    i64::from_be_bytes((high ^ low ^ 0x6772_6f75_7074_7265).to_be_bytes())
}

/// One end of the paths whose other end is a group.
fn ends(end: &'static str, other: &'static str, group: Uuid) -> SelectStatement {
    Query::select().column(end).from(PATH).and_where(Expr::col(other).eq(group)).to_owned()
}

impl SeaTx {
    /// Draws the paths from everything above `parent`, itself included, to everything below
    /// `group`, itself included.
    async fn paths_draw(&self, parent: Uuid, group: Uuid) -> Result<(), StoreError> {
        let pairs = Query::select()
            .column(("above", "ancestor_id"))
            .column(("below", "descendant_id"))
            .from_as(PATH, "above")
            .join_as(
                sea_orm::JoinType::InnerJoin,
                PATH,
                "below",
                Expr::col(("above", "descendant_id"))
                    .eq(parent)
                    .and(Expr::col(("below", "ancestor_id")).eq(group)),
            )
            .to_owned();
        let mut insert = Query::insert();
        insert.into_table(PATH).columns(["ancestor_id", "descendant_id"]);
        insert.select_from(pairs).map_err(|error| StoreError::Failed(Box::new(error)))?;
        self.connection().execute(&insert).await.map_err(store_error)?;
        Ok(())
    }

    /// Takes away the paths that lead from above a group to it and to those below it.
    async fn paths_cut(&self, group: Uuid) -> Result<(), StoreError> {
        let delete = Query::delete()
            .from_table(PATH)
            .and_where(Expr::col("descendant_id").in_subquery(ends("descendant_id", "ancestor_id", group)))
            .and_where(Expr::col("ancestor_id").not_in_subquery(ends("descendant_id", "ancestor_id", group)))
            .to_owned();
        self.connection().execute(&delete).await.map_err(store_error)?;
        Ok(())
    }
}

#[async_trait]
impl GroupRepository for SeaTx {
    async fn tree_lock(&mut self, organisation: OrganisationId) -> Result<Vec<Node>, StoreError> {
        // Locked rows would not keep others from adding some. SQLite has one writer anyway.
        if self.connection().get_database_backend() == DbBackend::Postgres {
            let lock = Func::cust("pg_advisory_xact_lock").arg(tree_lock(organisation));
            let query = Query::select().expr(Expr::expr(lock)).to_owned();
            self.connection().query_one(&query).await.map_err(store_error)?;
        }
        let rows = Entity::find()
            .filter(Column::OrganisationId.eq(Uuid::from(organisation)))
            .order_by_asc(Column::Id)
            .all(self.connection())
            .await
            .map_err(store_error)?;
        let node = |row: super::entity::Model| Node {
            id: row.id.into(),
            parent: row.parent_id.map(Into::into),
            name: row.name,
        };
        Ok(rows.into_iter().map(node).collect())
    }

    async fn group_insert(&mut self, group: &ResourceGroup) -> Result<(), StoreError> {
        let id = Uuid::from(group.id);
        Entity::insert(row(group)).exec_without_returning(self.connection()).await.map_err(store_error)?;
        let itself = Query::insert()
            .into_table(PATH)
            .columns(["ancestor_id", "descendant_id"])
            .values_panic([id.into(), id.into()])
            .to_owned();
        self.connection().execute(&itself).await.map_err(store_error)?;
        if let Some(parent) = group.parent {
            self.paths_draw(parent.into(), id).await?;
        }
        members::replace(self.connection(), group).await
    }

    async fn group_find(
        &mut self,
        organisation: OrganisationId,
        id: ResourceGroupId,
    ) -> Result<Option<ResourceGroup>, StoreError> {
        let found = Entity::find().filter(of(organisation, id)).lock_exclusive().one(self.connection()).await;
        let rows = found.map_err(store_error)?.into_iter().collect();
        Ok(members::assemble(self.connection(), rows).await?.pop())
    }

    async fn group_update(&mut self, group: &ResourceGroup, read: Version) -> Result<(), StoreError> {
        let own = of(group.organisation, group.id).add(Column::Version.eq(read.0));
        let before = Entity::find().filter(own.clone()).one(self.connection()).await.map_err(store_error)?;
        let updated = Entity::update_many().set(row(group)).filter(own).exec(self.connection()).await;
        changed_one(updated.map_err(store_error)?.rows_affected)?;
        let parent = group.parent.map(Uuid::from);
        if before.is_some_and(|before| before.parent_id != parent) {
            self.paths_cut(group.id.into()).await?;
            if let Some(parent) = parent {
                self.paths_draw(parent, group.id.into()).await?;
            }
        }
        members::replace(self.connection(), group).await
    }

    async fn group_delete(&mut self, group: &ResourceGroup) -> Result<(), StoreError> {
        let deleted = Entity::delete_many()
            .filter(of(group.organisation, group.id).add(Column::Version.eq(group.version.0)))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        changed_one(deleted.rows_affected)
    }

    async fn members_known(
        &mut self,
        organisation: OrganisationId,
        asked: &BTreeSet<Member>,
    ) -> Result<BTreeSet<Member>, StoreError> {
        members::known(self.connection(), organisation, asked).await
    }
}
