//! The index of reports in DynamoDB.
//!
//! An entry is written under every order it is asked for in: of its organisation, of its kind
//! there, of its schedule; all of them in one transaction. There are few reports, so that a partition
//! for each holds them for ever.

use std::collections::HashMap;

use async_trait::async_trait;
use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, TransactWriteItem};
use chrono::DateTime;
use kernel::{Cursor, OrganisationId, Page, PageRequest, StoreError, Timestamp};
use report::{EntryFilter, EntryPlace, Kind, ReportEntry, ReportIndex};

use crate::{
    Dynamo,
    query::{Partition, Question},
    store_error,
    table::Table,
    write::Item,
};

pub(crate) const TABLE: Table =
    Table { name: "report", keys: ("list", "place"), index: None, expires: Some("expires") };

/// Items that one request looks at, and requests that one page is worth.
const STEP: i32 = 200;
const REQUESTS: usize = 20;

#[async_trait]
impl ReportIndex for Dynamo {
    async fn entry_put(&self, entry: &ReportEntry) -> Result<(), StoreError> {
        let mut item = Item::new();
        let whole = serde_json::to_string(entry).map_err(|error| StoreError::Failed(Box::new(error)))?;
        item.insert("entry".to_owned(), AttributeValue::S(whole));
        item.insert("place".to_owned(), AttributeValue::S(place(entry.place.at, entry.place.run.into())));
        if let Some(at) = entry.file.expires_at {
            // Not before its time.
            let second = at.timestamp() + i64::from(at.timestamp_subsec_micros() > 0);
            item.insert("expires".to_owned(), AttributeValue::N(second.to_string()));
            item.insert("expires_us".to_owned(), AttributeValue::N(at.timestamp_micros().to_string()));
        }
        let writes = lists(&entry.place).into_iter().map(|list| {
            let put = Put::builder()
                .table_name(self.name_of(&TABLE))
                .set_item(Some(item.clone()))
                .item("list", AttributeValue::S(list))
                .build();
            let put = put.map_err(|error| StoreError::Failed(Box::new(error)))?;
            Ok(TransactWriteItem::builder().put(put).build())
        });
        self.write_together(writes.collect::<Result<_, StoreError>>()?).await
    }

    async fn entry_list(
        &self,
        organisation: OrganisationId,
        filter: &EntryFilter,
        now: Timestamp,
        page: PageRequest,
    ) -> Result<Page<ReportEntry>, StoreError> {
        let list = match (filter.schedule, filter.kind) {
            (Some(schedule), _) => format!("schedule#{organisation}#{schedule}"),
            (None, Some(kind)) => of_kind(organisation, kind),
            (None, None) => format!("all#{organisation}"),
        };
        let low = filter.from.map_or_else(String::new, instant);
        // `~` sorts after every digit and letter: all of one instant, and below the next.
        let mut high = filter.to.map_or_else(|| "~".to_owned(), instant);
        if let Some(Cursor { at: Some(at), id }) = page.after {
            high = high.min(place(at, id));
        }
        if low.as_str() > high.as_str() {
            return Ok(Page { items: Vec::new(), next: None });
        }
        let low = if low.is_empty() { "0".to_owned() } else { low };
        let question = Question {
            table: self.name_of(&TABLE),
            index: None,
            keys: TABLE.keys,
            range: (low, high),
            condition: "attribute_not_exists(#expires) OR #expires > :now".to_owned(),
            names: HashMap::from([("#expires".to_owned(), "expires_us".to_owned())]),
            values: HashMap::from([(
                ":now".to_owned(),
                AttributeValue::N(now.timestamp_micros().to_string()),
            )]),
            step: Some(STEP),
        };
        let limit = usize::from(page.limit.get());
        let (mut partition, mut found, mut requests) = (Partition::new(list), Vec::new(), 0);
        let mut seen = page.after;
        loop {
            while let Some(item) = partition.found.pop_front() {
                let entry = read(&item)?;
                let here = Cursor::at(entry.place.at, entry.place.run);
                if page.after == Some(here) {
                    continue;
                }
                if filter.matches(&entry) {
                    if found.len() == limit {
                        return Ok(Page { items: found, next: seen });
                    }
                    found.push(entry);
                }
                seen = Some(here);
            }
            if partition.is_read() {
                return Ok(Page { items: found, next: None });
            }
            if requests == REQUESTS {
                let next = partition.read_to(&question).and_then(cursor).or(seen);
                return Ok(Page { items: found, next });
            }
            requests += 1;
            partition.read(self, &question).await?;
        }
    }

    async fn entry_remove(&self, place_of: &EntryPlace) -> Result<(), StoreError> {
        let writes = lists(place_of).into_iter().map(|list| {
            let delete = Delete::builder()
                .table_name(self.name_of(&TABLE))
                .key("list", AttributeValue::S(list))
                .key("place", AttributeValue::S(place(place_of.at, place_of.run.into())))
                .build();
            let delete = delete.map_err(|error| StoreError::Failed(Box::new(error)))?;
            Ok(TransactWriteItem::builder().delete(delete).build())
        });
        self.write_together(writes.collect::<Result<_, StoreError>>()?).await
    }
}

impl Dynamo {
    async fn write_together(&self, writes: Vec<TransactWriteItem>) -> Result<(), StoreError> {
        let written = self.client.transact_write_items().set_transact_items(Some(writes)).send().await;
        written.map_err(store_error)?;
        Ok(())
    }
}

/// Every list that has an entry.
fn lists(place: &EntryPlace) -> Vec<String> {
    let EntryPlace { organisation, kind, schedule, .. } = *place;
    let mut lists = vec![format!("all#{organisation}"), of_kind(organisation, kind)];
    lists.extend(schedule.map(|schedule| format!("schedule#{organisation}#{schedule}")));
    lists
}

fn of_kind(organisation: OrganisationId, kind: Kind) -> String {
    format!("kind#{organisation}#{}", kind.word())
}

/// Sorts as instants do.
fn instant(at: Timestamp) -> String {
    format!("{:020}", at.timestamp_micros().max(0))
}

fn place(at: Timestamp, id: uuid::Uuid) -> String {
    format!("{}#{id}", instant(at))
}

fn cursor(place: &str) -> Option<Cursor> {
    let (at, id) = place.split_once('#')?;
    Some(Cursor::at(DateTime::from_timestamp_micros(at.parse().ok()?)?, id.parse::<uuid::Uuid>().ok()?))
}

fn read(item: &Item) -> Result<ReportEntry, StoreError> {
    let entry = item.get("entry").and_then(|entry| entry.as_s().ok());
    entry
        .and_then(|entry| serde_json::from_str(entry).ok())
        .ok_or_else(|| StoreError::corrupt("an entry of the index of reports"))
}
