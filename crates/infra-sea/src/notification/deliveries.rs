//! Messages on their way, within a unit of work.

use ::notification::{Change, Channel, Delivery, DeliveryRepository, DeliveryState, HasDeliveries};
use async_trait::async_trait;
use kernel::{AlertId, AlertRuleId, DeliveryId, StoreError, Timestamp};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    prelude::Uuid,
    sea_query::{Expr, LockBehavior, LockType, OnConflict},
};

use super::entities::{
    delivery::{Column, Entity, row},
    item,
};
use crate::{
    error::store_error,
    unit::{SeaTx, changed_one},
    word,
};

impl HasDeliveries for SeaTx {
    fn deliveries(&mut self) -> &mut dyn DeliveryRepository {
        self
    }
}

fn to(rule: AlertRuleId, channel: Channel, recipient: &str) -> Result<Condition, StoreError> {
    Ok(Condition::all()
        .add(Column::RuleId.eq(Uuid::from(rule)))
        .add(Column::Channel.eq(word::write(&channel)?))
        .add(Column::Recipient.eq(recipient)))
}

fn collecting() -> Result<Condition, StoreError> {
    let pending = word::write(&DeliveryState::Pending)?;
    Ok(Condition::all().add(Column::State.eq(pending)).add(Column::Attempts.eq(0)))
}

#[async_trait]
impl DeliveryRepository for SeaTx {
    async fn delivery_insert(&mut self, delivery: &Delivery) -> Result<(), StoreError> {
        Entity::insert(row(delivery)?)
            .exec_without_returning(self.connection())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn deliveries_collecting(
        &mut self,
        rule: AlertRuleId,
        channel: Channel,
        recipient: &str,
    ) -> Result<Vec<Delivery>, StoreError> {
        let rows = Entity::find()
            .filter(to(rule, channel, recipient)?)
            .filter(collecting()?)
            .order_by_asc(Column::Id)
            .lock_exclusive()
            .all(self.connection())
            .await;
        rows.map_err(store_error)?.into_iter().map(Delivery::try_from).collect()
    }

    async fn delivery_last(
        &mut self,
        rule: AlertRuleId,
        channel: Channel,
        recipient: &str,
        now: Timestamp,
    ) -> Result<Option<Delivery>, StoreError> {
        let tried = Condition::any().add(Column::Attempts.gt(0)).add(Column::DueAt.lte(now));
        let last = Entity::find()
            .filter(to(rule, channel, recipient)?)
            .filter(tried)
            .order_by_desc(Column::Id)
            .one(self.connection())
            .await;
        last.map_err(store_error)?.map(Delivery::try_from).transpose()
    }

    async fn item_put(
        &mut self,
        delivery: DeliveryId,
        alert: AlertId,
        change: Change,
        ready_at: Timestamp,
    ) -> Result<(), StoreError> {
        use item::Column;
        let row = item::ActiveModel {
            delivery_id: Set(delivery.into()),
            alert_id: Set(alert.into()),
            change: Set(word::write(&change)?),
            ready_at: Set(ready_at),
        };
        let key = OnConflict::columns([Column::DeliveryId, Column::AlertId])
            .update_columns([Column::Change, Column::ReadyAt])
            .to_owned();
        item::Entity::insert(row)
            .on_conflict(key)
            .exec_without_returning(self.connection())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn items_withdraw(&mut self, alert: AlertId, now: Timestamp) -> Result<(), StoreError> {
        let open = Entity::find().select_only().column(Column::Id).filter(collecting()?).into_query();
        item::Entity::delete_many()
            .filter(item::Column::AlertId.eq(Uuid::from(alert)))
            .filter(item::Column::ReadyAt.gt(now))
            .filter(item::Column::DeliveryId.in_subquery(open))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn deliveries_claim(
        &mut self,
        now: Timestamp,
        until: Timestamp,
        limit: u16,
    ) -> Result<Vec<Delivery>, StoreError> {
        let free = Condition::any().add(Column::ClaimedUntil.is_null()).add(Column::ClaimedUntil.lte(now));
        let due = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::State.eq(word::write(&DeliveryState::Pending)?))
            .filter(Column::DueAt.lte(now))
            .filter(free)
            .order_by_asc(Column::DueAt)
            .order_by_asc(Column::Id)
            .limit(u64::from(limit))
            // Those that somebody adds to, or claims just now, are looked at next time.
            .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
            .into_query();
        let claimed = Entity::update_many()
            .col_expr(Column::ClaimedUntil, Expr::value(until))
            .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
            .filter(Column::Id.in_subquery(due))
            .exec_with_returning(self.connection())
            .await;
        let claimed: Result<Vec<_>, _> =
            claimed.map_err(store_error)?.into_iter().map(Delivery::try_from).collect();
        let mut claimed = claimed?;
        claimed.sort_by_key(|delivery| (delivery.due_at, delivery.id));
        Ok(claimed)
    }

    async fn delivery_update(&mut self, delivery: &Delivery, claimed: Timestamp) -> Result<(), StoreError> {
        let updated = Entity::update_many()
            .set(row(delivery)?)
            .filter(Column::Id.eq(Uuid::from(delivery.id)))
            .filter(Column::ClaimedUntil.eq(claimed))
            .exec(self.connection())
            .await;
        changed_one(updated.map_err(store_error)?.rows_affected)
    }

    async fn deliveries_forget(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        let ended = Entity::delete_many().filter(Column::FinishedAt.lt(before)).exec(self.connection()).await;
        Ok(ended.map_err(store_error)?.rows_affected)
    }
}
