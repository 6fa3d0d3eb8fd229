//! Appending events within a unit of work, and reading them for the relay.

use ::kernel::{Event, HasOutbox, Outbox, OutboxReader, StoreError, StoredEvent, Timestamp};
use async_trait::async_trait;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::outbox_event::{ActiveModel, Column, Entity, Model};
use crate::{connect::Sea, error::store_error, unit::SeaTx};

/// Rows in one statement: engines limit how many values it may have.
const AT_ONCE: usize = 1_000;

fn row(event: Event) -> ActiveModel {
    ActiveModel {
        sequence: NotSet,
        id: Set(event.id.into()),
        organisation_id: Set(event.organisation.into()),
        name: Set(event.name.into_owned()),
        key: Set(event.key),
        occurred_at: Set(event.occurred_at),
        data: Set(event.data),
        published_at: Set(None),
        place: Set(None),
    }
}

impl HasOutbox for SeaTx {
    fn outbox(&mut self) -> &mut dyn Outbox {
        self
    }
}

#[async_trait]
impl Outbox for SeaTx {
    async fn append(&mut self, event: Event) -> Result<(), StoreError> {
        self.append_all(vec![event]).await
    }

    async fn append_all(&mut self, mut events: Vec<Event>) -> Result<(), StoreError> {
        while !events.is_empty() {
            let some = events.drain(..events.len().min(AT_ONCE)).map(row);
            Entity::insert_many(some).exec_without_returning(self.connection()).await.map_err(store_error)?;
            self.ring_after_commit();
        }
        Ok(())
    }
}

#[async_trait]
impl OutboxReader for Sea {
    async fn unpublished(&self, limit: u16) -> Result<Vec<StoredEvent>, StoreError> {
        let rows = Entity::find()
            .filter(Column::PublishedAt.is_null())
            .order_by_asc(Column::Sequence)
            .limit(u64::from(limit))
            .all(self.reader())
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(StoredEvent::from).collect())
    }

    async fn mark_published(&self, sequences: &[i64]) -> Result<(), StoreError> {
        if sequences.is_empty() {
            return Ok(());
        }
        let tx = self.begin_tx().await?;
        super::feed::give_places(&tx, sequences).await?;
        tx.commit_now().await
    }

    async fn forget_published(&self, before: Timestamp) -> Result<u64, StoreError> {
        let tx = self.begin_tx().await?;
        let forgotten = super::feed::forget(&tx, before).await?;
        tx.commit_now().await?;
        Ok(forgotten)
    }
}

impl From<Model> for StoredEvent {
    fn from(row: Model) -> Self {
        Self { sequence: row.sequence, event: row.into() }
    }
}

impl From<Model> for Event {
    fn from(row: Model) -> Self {
        Self {
            id: row.id.into(),
            organisation: row.organisation_id.into(),
            name: row.name.into(),
            key: row.key,
            occurred_at: row.occurred_at,
            data: row.data,
        }
    }
}
