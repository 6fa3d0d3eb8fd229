//! Published events in the order of their publication.
//!
//! Sequences of the outbox are drawn before their transactions commit, so a lower one may appear
//! after a higher one was read. Places are given when events are published, in transactions that
//! wait for one another: whoever reads on from a place misses nothing.

use ::kernel::{EventFeed, FedEvent, FeedEnds, OrganisationId, PositionReader, StoreError, Timestamp, Track};
use async_trait::async_trait;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    Statement, Value, prelude::Uuid,
};

use super::outbox_event::{Column, Entity, Model};
use crate::{connect::Sea, error::store_error, unit::SeaTx};

/// Where the last place that was given is kept.
fn counter() -> Track {
    Track { consumer: "relay", topic: "outbox".to_owned(), partition: 0 }
}

/// Marks events as published, each with the next place by its sequence; those that are marked
/// already stay as they are.
pub(super) async fn give_places(tx: &SeaTx, sequences: &[i64]) -> Result<(), StoreError> {
    let wanted = i64::try_from(sequences.len()).unwrap_or(i64::MAX);
    // The row of the counter is held until the end: places become visible in their order.
    let last = tx.position_add(&counter(), wanted).await?;
    let listed: Vec<String> = (3..).take(sequences.len()).map(|n| format!("${n}")).collect();
    let sql = format!(
        "UPDATE outbox SET published_at = $1, place = $2 + ranked.rank FROM ( \
         SELECT sequence, ROW_NUMBER() OVER (ORDER BY sequence) AS rank FROM outbox \
         WHERE published_at IS NULL AND sequence IN ({})) AS ranked \
         WHERE outbox.sequence = ranked.sequence",
        listed.join(", ")
    );
    let mut values: Vec<Value> = vec![tx.now().into(), (last - wanted).into()];
    values.extend(sequences.iter().copied().map(Value::from));
    let statement = Statement::from_sql_and_values(tx.connection().get_database_backend(), sql, values);
    tx.connection().execute_raw(statement).await.map_err(store_error)?;
    Ok(())
}

/// Forgets what was published before an instant. Whatever the clock did, the feed is forgotten from
/// its beginning, without gaps.
pub(super) async fn forget(tx: &SeaTx, before: Timestamp) -> Result<u64, StoreError> {
    let last = Entity::find()
        .filter(Column::PublishedAt.lt(before))
        .filter(Column::Place.is_not_null())
        .order_by_desc(Column::Place)
        .one(tx.connection())
        .await
        .map_err(store_error)?;
    let mut gone = Condition::any().add(Column::PublishedAt.lt(before).and(Column::Place.is_null()));
    if let Some(place) = last.and_then(|last| last.place) {
        gone = gone.add(Column::Place.lte(place));
    }
    let deleted = Entity::delete_many().filter(gone).exec(tx.connection()).await.map_err(store_error)?;
    Ok(deleted.rows_affected)
}

fn fed(row: Model) -> Result<FedEvent, StoreError> {
    let place = row.place.ok_or_else(|| StoreError::corrupt("a published event without its place"))?;
    Ok(FedEvent { place, event: row.into() })
}

#[async_trait]
impl EventFeed for Sea {
    async fn feed_after(
        &self,
        place: i64,
        organisation: Option<OrganisationId>,
        limit: u16,
    ) -> Result<Vec<FedEvent>, StoreError> {
        let mut wanted = Condition::all().add(Column::Place.gt(place));
        if let Some(organisation) = organisation {
            wanted = wanted.add(Column::OrganisationId.eq(Uuid::from(organisation)));
        }
        let rows = Entity::find()
            .filter(wanted)
            .order_by_asc(Column::Place)
            .limit(u64::from(limit))
            .all(self.reader())
            .await;
        rows.map_err(store_error)?.into_iter().map(fed).collect()
    }

    async fn feed_ends(&self) -> Result<FeedEnds, StoreError> {
        // First the end, then the beginning: what is published in between was not forgotten.
        let newest = self.position_get(&counter()).await?.unwrap_or(0);
        let oldest = Entity::find()
            .filter(Column::Place.is_not_null())
            .order_by_asc(Column::Place)
            .one(self.reader())
            .await
            .map_err(store_error)?;
        let forgotten = oldest.and_then(|row| row.place).map_or(newest, |place| place - 1);
        Ok(FeedEnds { forgotten, newest })
    }
}
