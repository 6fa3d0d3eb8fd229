//! Levels, rules and overrides within a unit of work.

use ::priority::{HasPriorities, Level, Override, PriorityRepository, Rule};
use async_trait::async_trait;
use kernel::{OrganisationId, PriorityLevelId, PriorityOverrideId, PriorityRuleId, StoreError, Version};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    prelude::Uuid,
    sea_query::{Expr, Func, Query, SimpleExpr},
};

use super::entities::{level, overridden, rule};
use crate::{
    error::store_error,
    unit::{SeaTx, changed_one},
};

impl HasPriorities for SeaTx {
    fn priorities(&mut self) -> &mut dyn PriorityRepository {
        self
    }
}

fn own_rule(organisation: OrganisationId, id: PriorityRuleId) -> SimpleExpr {
    rule::Column::OrganisationId.eq(Uuid::from(organisation)).and(rule::Column::Id.eq(Uuid::from(id)))
}

fn own_override(organisation: OrganisationId, id: PriorityOverrideId) -> SimpleExpr {
    use overridden::Column;
    Column::OrganisationId.eq(Uuid::from(organisation)).and(Column::Id.eq(Uuid::from(id)))
}

/// The number of the lock that guards the order of an organisation's rules.
fn order_lock(organisation: OrganisationId) -> i64 {
    let (high, low) = organisation.as_uuid().as_u64_pair();
    i64::from_be_bytes((high ^ low ^ 0x7072_696f_7269_7479).to_be_bytes())
}

#[async_trait]
impl PriorityRepository for SeaTx {
    async fn level_insert(&mut self, level: &Level) -> Result<(), StoreError> {
        let insert = level::Entity::insert(level::row(level));
        insert.exec_without_returning(self.connection()).await.map_err(store_error)?;
        Ok(())
    }

    async fn level_find(
        &mut self,
        organisation: OrganisationId,
        id: PriorityLevelId,
    ) -> Result<Option<Level>, StoreError> {
        use level::{Column, Entity};
        let found = Entity::find()
            .filter(Column::OrganisationId.eq(Uuid::from(organisation)).and(Column::Id.eq(Uuid::from(id))))
            .lock_exclusive()
            .one(self.connection())
            .await;
        found.map_err(store_error)?.map(Level::try_from).transpose()
    }

    async fn level_update(&mut self, level: &Level, read: Version) -> Result<(), StoreError> {
        use level::{Column, Entity};
        let updated = Entity::update_many()
            .set(level::row(level))
            .filter(Column::Id.eq(Uuid::from(level.id)).and(Column::Version.eq(read.0)))
            .exec(self.connection())
            .await;
        changed_one(updated.map_err(store_error)?.rows_affected)
    }

    async fn level_delete(&mut self, level: &Level) -> Result<(), StoreError> {
        use level::{Column, Entity};
        let deleted = Entity::delete_many()
            .filter(Column::Id.eq(Uuid::from(level.id)).and(Column::Version.eq(level.version.0)))
            .exec(self.connection())
            .await;
        changed_one(deleted.map_err(store_error)?.rows_affected)
    }

    async fn rules_lock(&mut self, organisation: OrganisationId) -> Result<Vec<Rule>, StoreError> {
        // Locked rows would not keep others from adding some. SQLite has one writer anyway.
        if self.connection().get_database_backend() == DbBackend::Postgres {
            let lock = Func::cust("pg_advisory_xact_lock").arg(order_lock(organisation));
            let query = Query::select().expr(Expr::expr(lock)).to_owned();
            self.connection().query_one(&query).await.map_err(store_error)?;
        }
        use rule::{Column, Entity};
        let rows = Entity::find()
            .filter(Column::OrganisationId.eq(Uuid::from(organisation)))
            .order_by_asc(Column::Position)
            .all(self.connection())
            .await;
        rows.map_err(store_error)?.into_iter().map(Rule::try_from).collect()
    }

    async fn rule_insert(&mut self, rule: &Rule) -> Result<(), StoreError> {
        let insert = rule::Entity::insert(rule::row(rule)?);
        insert.exec_without_returning(self.connection()).await.map_err(store_error)?;
        Ok(())
    }

    async fn rules_update(&mut self, organisation: OrganisationId, rules: &[Rule]) -> Result<(), StoreError> {
        use rule::{Column, Entity};
        if rules.is_empty() {
            return Ok(());
        }
        // Out of the way of each other: positions are unique at every moment.
        Entity::update_many()
            .col_expr(Column::Position, Expr::col(Column::Position).mul(-1))
            .filter(Column::OrganisationId.eq(Uuid::from(organisation)))
            .filter(Column::Id.is_in(rules.iter().map(|rule| Uuid::from(rule.id))))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        for rule in rules {
            let updated = Entity::update_many()
                .set(rule::row(rule)?)
                .filter(own_rule(organisation, rule.id).and(Column::Version.eq(rule.version.0 - 1)))
                .exec(self.connection())
                .await;
            changed_one(updated.map_err(store_error)?.rows_affected)?;
        }
        Ok(())
    }

    async fn rule_delete(
        &mut self,
        organisation: OrganisationId,
        id: PriorityRuleId,
    ) -> Result<(), StoreError> {
        let deleted =
            rule::Entity::delete_many().filter(own_rule(organisation, id)).exec(self.connection()).await;
        changed_one(deleted.map_err(store_error)?.rows_affected)
    }

    async fn override_insert(&mut self, over: &Override) -> Result<(), StoreError> {
        let insert = overridden::Entity::insert(overridden::row(over)?);
        insert.exec_without_returning(self.connection()).await.map_err(store_error)?;
        Ok(())
    }

    async fn override_find(
        &mut self,
        organisation: OrganisationId,
        id: PriorityOverrideId,
    ) -> Result<Option<Override>, StoreError> {
        let found = overridden::Entity::find()
            .filter(own_override(organisation, id))
            .lock_exclusive()
            .one(self.connection())
            .await;
        found.map_err(store_error)?.map(Override::try_from).transpose()
    }

    async fn override_delete(
        &mut self,
        organisation: OrganisationId,
        id: PriorityOverrideId,
    ) -> Result<(), StoreError> {
        let deleted = overridden::Entity::delete_many()
            .filter(own_override(organisation, id))
            .exec(self.connection())
            .await;
        changed_one(deleted.map_err(store_error)?.rows_affected)
    }
}
