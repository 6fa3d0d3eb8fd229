//! Webhooks of partners and their deliveries, within a unit of work and outside.

use ::notification::{
    DeliveryState, DisabledWhy, EventDelivery, HasWebhooks, PartnerWebhook, WebhookReader, WebhookRepository,
};
use async_trait::async_trait;
use kernel::{
    ApiKeyId, Cursor, OrganisationId, Page, PageRequest, StoreError, Timestamp, Version, WebhookDeliveryId,
    WebhookId,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    prelude::Uuid,
    sea_query::{Expr, LockBehavior, LockType},
};

use super::webhook_entities::{
    delivery::{self, Column as Posted},
    webhook::{self, Column},
};
use crate::{
    connect::Sea,
    error::store_error,
    paging::oldest_first,
    unit::{SeaTx, changed_one},
    word,
};

/// Rows inserted by one statement: engines bind so many values at most.
const AT_ONCE: usize = 1_000;

impl HasWebhooks for SeaTx {
    fn webhooks(&mut self) -> &mut dyn WebhookRepository {
        self
    }
}

fn of(organisation: OrganisationId, id: WebhookId) -> Condition {
    Condition::all()
        .add(Column::OrganisationId.eq(Uuid::from(organisation)))
        .add(Column::Id.eq(Uuid::from(id)))
}

#[async_trait]
impl WebhookRepository for SeaTx {
    async fn webhook_insert(&mut self, webhook: &PartnerWebhook) -> Result<(), StoreError> {
        let inserted = webhook::Entity::insert(webhook::row(webhook)?);
        inserted.exec_without_returning(self.connection()).await.map_err(store_error)?;
        Ok(())
    }

    async fn webhook_find(
        &mut self,
        organisation: OrganisationId,
        id: WebhookId,
    ) -> Result<Option<PartnerWebhook>, StoreError> {
        let found = webhook::Entity::find()
            .filter(of(organisation, id))
            .lock_exclusive()
            .one(self.connection())
            .await;
        found.map_err(store_error)?.map(PartnerWebhook::try_from).transpose()
    }

    async fn webhook_update(&mut self, webhook: &PartnerWebhook, read: Version) -> Result<(), StoreError> {
        let updated = webhook::Entity::update_many()
            .set(webhook::row(webhook)?)
            .filter(of(webhook.organisation, webhook.id).add(Column::Version.eq(read.0)))
            .exec(self.connection())
            .await;
        changed_one(updated.map_err(store_error)?.rows_affected)
    }

    async fn webhook_failing(&mut self, id: WebhookId, since: Option<Timestamp>) -> Result<(), StoreError> {
        webhook::Entity::update_many()
            .col_expr(Column::FailingSince, Expr::value(since))
            .filter(Column::Id.eq(Uuid::from(id)))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn webhook_disable(
        &mut self,
        id: WebhookId,
        why: DisabledWhy,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let disabled = webhook::Entity::update_many()
            .col_expr(Column::Enabled, Expr::value(false))
            .col_expr(Column::DisabledWhy, Expr::value(word::write(&why)?))
            .col_expr(Column::Version, Expr::col(Column::Version).add(1))
            .col_expr(Column::UpdatedAt, Expr::value(now))
            .filter(Column::Id.eq(Uuid::from(id)))
            .filter(Column::Enabled.eq(true))
            .exec(self.connection())
            .await;
        Ok(disabled.map_err(store_error)?.rows_affected > 0)
    }

    async fn webhook_delete(&mut self, webhook: &PartnerWebhook) -> Result<(), StoreError> {
        let deleted = webhook::Entity::delete_many()
            .filter(of(webhook.organisation, webhook.id).add(Column::Version.eq(webhook.version.0)))
            .exec(self.connection())
            .await;
        changed_one(deleted.map_err(store_error)?.rows_affected)
    }

    async fn event_deliveries_insert(&mut self, deliveries: &[EventDelivery]) -> Result<(), StoreError> {
        for some in deliveries.chunks(AT_ONCE) {
            let rows = some.iter().map(delivery::row).collect::<Result<Vec<_>, _>>()?;
            let inserted = delivery::Entity::insert_many(rows);
            inserted.exec_without_returning(self.connection()).await.map_err(store_error)?;
        }
        Ok(())
    }

    async fn event_delivery_find(
        &mut self,
        webhook: WebhookId,
        id: WebhookDeliveryId,
    ) -> Result<Option<EventDelivery>, StoreError> {
        let found = delivery::Entity::find()
            .filter(Posted::WebhookId.eq(Uuid::from(webhook)))
            .filter(Posted::Id.eq(Uuid::from(id)))
            .lock_exclusive()
            .one(self.connection())
            .await;
        found.map_err(store_error)?.map(EventDelivery::try_from).transpose()
    }

    async fn event_deliveries_claim(
        &mut self,
        now: Timestamp,
        until: Timestamp,
        limit: u16,
    ) -> Result<Vec<EventDelivery>, StoreError> {
        let free = Condition::any().add(Posted::ClaimedUntil.is_null()).add(Posted::ClaimedUntil.lte(now));
        let due = delivery::Entity::find()
            .select_only()
            .column(Posted::Id)
            .filter(Posted::State.eq(word::write(&DeliveryState::Pending)?))
            .filter(Posted::DueAt.lte(now))
            .filter(free)
            .order_by_asc(Posted::DueAt)
            .order_by_asc(Posted::Id)
            .limit(u64::from(limit))
            // Those that another claims just now are looked at next time.
            .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
            .into_query();
        let claimed = delivery::Entity::update_many()
            .col_expr(Posted::ClaimedUntil, Expr::value(until))
            .col_expr(Posted::Attempts, Expr::col(Posted::Attempts).add(1))
            .filter(Posted::Id.in_subquery(due))
            .exec_with_returning(self.connection())
            .await;
        let claimed: Result<Vec<_>, _> =
            claimed.map_err(store_error)?.into_iter().map(EventDelivery::try_from).collect();
        let mut claimed = claimed?;
        claimed.sort_by_key(|delivery| (delivery.due_at, delivery.id));
        Ok(claimed)
    }

    async fn event_delivery_update(
        &mut self,
        delivery: &EventDelivery,
        claimed: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let claim = match claimed {
            Some(claimed) => Posted::ClaimedUntil.eq(claimed),
            None => Posted::ClaimedUntil.is_null(),
        };
        let updated = delivery::Entity::update_many()
            .set(delivery::row(delivery)?)
            .filter(Posted::Id.eq(Uuid::from(delivery.id)))
            .filter(claim)
            .exec(self.connection())
            .await;
        changed_one(updated.map_err(store_error)?.rows_affected)
    }

    async fn event_deliveries_forget(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        let ended = delivery::Entity::delete_many()
            .filter(Posted::FinishedAt.lt(before))
            .exec(self.connection())
            .await;
        Ok(ended.map_err(store_error)?.rows_affected)
    }
}

#[async_trait]
impl WebhookReader for Sea {
    async fn webhook_get(
        &self,
        organisation: OrganisationId,
        id: WebhookId,
    ) -> Result<Option<PartnerWebhook>, StoreError> {
        let found = webhook::Entity::find().filter(of(organisation, id)).one(self.reader()).await;
        found.map_err(store_error)?.map(PartnerWebhook::try_from).transpose()
    }

    async fn webhook_list(
        &self,
        organisation: OrganisationId,
        owner: ApiKeyId,
        page: PageRequest,
    ) -> Result<Page<PartnerWebhook>, StoreError> {
        let owned = webhook::Entity::find()
            .filter(Column::OrganisationId.eq(Uuid::from(organisation)))
            .filter(Column::ApiKeyId.eq(Uuid::from(owner)));
        let rows = oldest_first(owned, Column::Id, page).all(self.reader()).await;
        let webhooks: Result<Vec<_>, _> =
            rows.map_err(store_error)?.into_iter().map(PartnerWebhook::try_from).collect();
        Ok(Page::from_surplus(webhooks?, page.limit, |webhook| Cursor::of(webhook.id)))
    }

    async fn webhooks_enabled(
        &self,
        organisations: &[OrganisationId],
    ) -> Result<Vec<PartnerWebhook>, StoreError> {
        let rows = webhook::Entity::find()
            .filter(Column::OrganisationId.is_in(organisations.iter().copied().map(Uuid::from)))
            .filter(Column::Enabled.eq(true))
            .order_by_asc(Column::Id)
            .all(self.reader())
            .await;
        rows.map_err(store_error)?.into_iter().map(PartnerWebhook::try_from).collect()
    }

    async fn event_delivery_list(
        &self,
        webhook: WebhookId,
        state: Option<DeliveryState>,
        page: PageRequest,
    ) -> Result<Page<EventDelivery>, StoreError> {
        let state = state.as_ref().map(word::write).transpose()?;
        let wanted = Condition::all()
            .add(Posted::WebhookId.eq(Uuid::from(webhook)))
            .add_option(state.map(|state| Posted::State.eq(state)))
            .add_option(page.after.map(|after| Posted::Id.lt(after.id)));
        let rows = delivery::Entity::find()
            .filter(wanted)
            .order_by_desc(Posted::Id)
            .limit(u64::from(page.limit.get()) + 1)
            .all(self.reader())
            .await;
        let deliveries: Result<Vec<_>, _> =
            rows.map_err(store_error)?.into_iter().map(EventDelivery::try_from).collect();
        Ok(Page::from_surplus(deliveries?, page.limit, |delivery| Cursor::of(delivery.id)))
    }
}
