//! The message log on one machine.

use async_trait::async_trait;
use kernel::{Cursor, OrganisationId, Page, PageRequest, StoreError, Timestamp};
use message_log::{Frame, FrameFilter, FrameStore, KeptFrame, PAGE_BYTES};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    prelude::Uuid, sea_query::OnConflict,
};

use super::{
    SeaDocuments,
    entity::{Column, Entity, row},
};
use crate::{error::store_error, paging::before, word};

/// Rows in one statement: well within what the engine takes as parameters.
const ROWS: usize = 500;
/// Rows read at once: a page may end at its bytes long before its limit.
const STEP: u64 = 64;
/// Rows removed at once, so that writers have their turn in between.
const FORGOTTEN: u64 = 5_000;

#[async_trait]
impl FrameStore for SeaDocuments {
    async fn frames_append(&self, frames: &[KeptFrame]) -> Result<(), StoreError> {
        if frames.is_empty() {
            return Ok(());
        }
        let transaction = self.0.begin_raw().await?;
        for chunk in frames.chunks(ROWS) {
            let rows = chunk.iter().map(row).collect::<Result<Vec<_>, _>>()?;
            let known = OnConflict::column(Column::Id).do_nothing().to_owned();
            Entity::insert_many(rows)
                .on_conflict(known)
                .exec_without_returning(&transaction)
                .await
                .map_err(store_error)?;
        }
        transaction.commit().await.map_err(store_error)
    }

    async fn frame_search(
        &self,
        organisation: OrganisationId,
        filter: &FrameFilter,
        now: Timestamp,
        page: PageRequest,
    ) -> Result<Page<Frame>, StoreError> {
        let wanted = wanted(organisation, filter, now)?;
        let limit = usize::from(page.limit.get());
        let (mut items, mut bytes) = (Vec::new(), 0);
        let mut after = page.after;
        loop {
            let rows = Entity::find()
                .filter(wanted.clone())
                .filter(
                    Condition::all()
                        .add_option(after.as_ref().map(|after| before(Column::At, Column::Id, after))),
                )
                .order_by(Column::At, Order::Desc)
                .order_by(Column::Id, Order::Desc)
                .limit(STEP)
                .all(self.0.reader())
                .await
                .map_err(store_error)?;
            let last = (rows.len() as u64) < STEP;
            let read = rows.len();
            for (index, row) in rows.into_iter().enumerate() {
                let frame = Frame::try_from(row)?;
                let next = Cursor::at(frame.at, frame.id);
                (after, bytes) = (Some(next), bytes + frame.text.kept.len());
                items.push(frame);
                if items.len() == limit || bytes >= PAGE_BYTES {
                    let more = !(last && index + 1 == read);
                    return Ok(Page { items, next: more.then_some(next) });
                }
            }
            if last {
                return Ok(Page { items, next: None });
            }
        }
    }

    async fn frames_forget(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut forgotten = 0;
        loop {
            let expired = Entity::find()
                .select_only()
                .column(Column::Id)
                .filter(Column::ExpiresAt.lte(now))
                .limit(FORGOTTEN)
                .into_query();
            let transaction = self.0.begin_raw().await?;
            let removed = Entity::delete_many()
                .filter(Column::Id.in_subquery(expired))
                .exec(&transaction)
                .await
                .map_err(store_error)?
                .rows_affected;
            transaction.commit().await.map_err(store_error)?;
            forgotten += removed;
            if removed < FORGOTTEN {
                return Ok(forgotten);
            }
        }
    }
}

fn wanted(
    organisation: OrganisationId,
    filter: &FrameFilter,
    now: Timestamp,
) -> Result<Condition, StoreError> {
    let direction = filter.direction.map(|direction| word::write(&direction)).transpose()?;
    let outcome = filter.outcome.map(|outcome| word::write(&outcome)).transpose()?;
    Ok(Condition::all()
        .add(Column::OrganisationId.eq(Uuid::from(organisation)))
        .add_option(filter.charge_point.map(|id| Column::ChargePointId.eq(Uuid::from(id))))
        .add(Column::At.gte(filter.from))
        .add(Column::At.lt(filter.to))
        .add_option(filter.action.as_ref().map(|action| Column::Action.eq(action)))
        .add_option(direction.map(|direction| Column::Direction.eq(direction)))
        .add_option(filter.message_id.as_ref().map(|id| Column::MessageId.eq(id)))
        .add_option(outcome.map(|outcome| Column::Outcome.eq(outcome)))
        .add(Condition::any().add(Column::ExpiresAt.is_null()).add(Column::ExpiresAt.gt(now))))
}
