//! Alert rules within a unit of work.

use ::notification::{AlertRule, AlertRuleRepository, HasAlertRules};
use async_trait::async_trait;
use kernel::{AlertRuleId, OrganisationId, StoreError, Version};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, prelude::Uuid};

use super::entities::rule::{Column, Entity, row};
use crate::{
    error::store_error,
    unit::{SeaTx, changed_one},
};

impl HasAlertRules for SeaTx {
    fn alert_rules(&mut self) -> &mut dyn AlertRuleRepository {
        self
    }
}

#[async_trait]
impl AlertRuleRepository for SeaTx {
    async fn rule_insert(&mut self, rule: &AlertRule) -> Result<(), StoreError> {
        Entity::insert(row(rule)?).exec_without_returning(self.connection()).await.map_err(store_error)?;
        Ok(())
    }

    async fn rule_find(
        &mut self,
        organisation: OrganisationId,
        id: AlertRuleId,
    ) -> Result<Option<AlertRule>, StoreError> {
        let found = Entity::find()
            .filter(Column::OrganisationId.eq(Uuid::from(organisation)))
            .filter(Column::Id.eq(Uuid::from(id)))
            .lock_exclusive()
            .one(self.connection())
            .await;
        found.map_err(store_error)?.map(AlertRule::try_from).transpose()
    }

    async fn rule_update(&mut self, rule: &AlertRule, read: Version) -> Result<(), StoreError> {
        let updated = Entity::update_many()
            .set(row(rule)?)
            .filter(Column::Id.eq(Uuid::from(rule.id)))
            .filter(Column::Version.eq(read.0))
            .exec(self.connection())
            .await;
        changed_one(updated.map_err(store_error)?.rows_affected)
    }

    async fn rule_delete(&mut self, rule: &AlertRule) -> Result<(), StoreError> {
        let deleted = Entity::delete_many()
            .filter(Column::Id.eq(Uuid::from(rule.id)))
            .filter(Column::Version.eq(rule.version.0))
            .exec(self.connection())
            .await;
        changed_one(deleted.map_err(store_error)?.rows_affected)
    }

    async fn rules_of(&mut self, organisation: OrganisationId) -> Result<Vec<AlertRule>, StoreError> {
        let rows = Entity::find()
            .filter(Column::OrganisationId.eq(Uuid::from(organisation)))
            .order_by_asc(Column::Id)
            .all(self.connection())
            .await;
        rows.map_err(store_error)?.into_iter().map(AlertRule::try_from).collect()
    }
}
