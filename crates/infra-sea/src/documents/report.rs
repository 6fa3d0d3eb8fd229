//! The index of reports on one machine.

use async_trait::async_trait;
use kernel::{Cursor, OrganisationId, Page, PageRequest, StoreError, Timestamp};
use report::{EntryFilter, EntryPlace, ReportEntry, ReportIndex};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, prelude::Uuid,
    sea_query::OnConflict,
};

use super::{
    SeaDocuments,
    report_entity::{Column, Entity, row},
};
use crate::error::store_error;

/// Rows read at once: of those that are read, not all may be asked for.
const STEP: u64 = 200;

#[async_trait]
impl ReportIndex for SeaDocuments {
    async fn entry_put(&self, entry: &ReportEntry) -> Result<(), StoreError> {
        let transaction = self.0.begin_raw().await?;
        Entity::insert(row(entry)?)
            .on_conflict(
                OnConflict::column(Column::RunId)
                    .update_columns([Column::At, Column::ExpiresAt, Column::Entry])
                    .to_owned(),
            )
            .exec_without_returning(&transaction)
            .await
            .map_err(store_error)?;
        transaction.commit().await.map_err(store_error)
    }

    async fn entry_list(
        &self,
        organisation: OrganisationId,
        filter: &EntryFilter,
        now: Timestamp,
        page: PageRequest,
    ) -> Result<Page<ReportEntry>, StoreError> {
        let wanted = Condition::all()
            .add(Column::OrganisationId.eq(Uuid::from(organisation)))
            .add_option(filter.kind.map(|kind| Column::Kind.eq(kind.word())))
            .add_option(filter.schedule.map(|schedule| Column::ScheduleId.eq(Uuid::from(schedule))))
            .add_option(filter.from.map(|from| Column::At.gte(from)))
            .add_option(filter.to.map(|to| Column::At.lt(to)))
            .add(Condition::any().add(Column::ExpiresAt.is_null()).add(Column::ExpiresAt.gt(now)));
        let limit = usize::from(page.limit.get());
        let (mut found, mut after) = (Vec::new(), page.after);
        loop {
            let rows = Entity::find()
                .filter(wanted.clone())
                .filter(Condition::all().add_option(after.as_ref().map(before)))
                .order_by_desc(Column::At)
                .order_by_desc(Column::RunId)
                .limit(STEP)
                .all(self.0.reader())
                .await
                .map_err(store_error)?;
            let last = (rows.len() as u64) < STEP;
            for row in rows {
                let entry = ReportEntry::try_from(row)?;
                after = Some(Cursor::at(entry.place.at, entry.place.run));
                if filter.matches(&entry) {
                    found.push(entry);
                }
            }
            if last || found.len() > limit {
                return Ok(Page::from_surplus(found, page.limit, |entry: &ReportEntry| {
                    Cursor::at(entry.place.at, entry.place.run)
                }));
            }
        }
    }

    async fn entry_remove(&self, place: &EntryPlace) -> Result<(), StoreError> {
        let transaction = self.0.begin_raw().await?;
        Entity::delete_many()
            .filter(Column::OrganisationId.eq(Uuid::from(place.organisation)))
            .filter(Column::RunId.eq(Uuid::from(place.run)))
            .exec(&transaction)
            .await
            .map_err(store_error)?;
        transaction.commit().await.map_err(store_error)
    }
}

/// What comes after a cursor: it goes back in time.
fn before(cursor: &Cursor) -> Condition {
    match cursor.at {
        Some(at) => Condition::any()
            .add(Column::At.lt(at))
            .add(Condition::all().add(Column::At.eq(at)).add(Column::RunId.lt(cursor.id))),
        None => Condition::all().add(Column::RunId.lt(cursor.id)),
    }
}
