//! Writing many items: in batches, several at a time, and again what was not taken.

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use futures::{StreamExt, TryStreamExt, stream};
use kernel::StoreError;

use crate::{Dynamo, store_error, table::Table};

pub(crate) type Item = HashMap<String, AttributeValue>;

/// Items that one request may write.
const BATCH: usize = 25;
/// Requests under way at once.
const AT_ONCE: usize = 4;
/// How often what is left of a request is tried before the caller has to do so, and the waits in
/// between, which double.
const TRIES: u32 = 8;
const SHORTEST: Duration = Duration::from_millis(25);

impl Dynamo {
    /// Writes items, each over whatever has its keys. Not atomic; no two may have the same keys.
    pub(crate) async fn put_all(&self, table: &Table, items: Vec<Item>) -> Result<(), StoreError> {
        let mut requests = Vec::with_capacity(items.len());
        for item in items {
            let put = PutRequest::builder().set_item(Some(item)).build();
            let put = put.map_err(|error| StoreError::Failed(Box::new(error)))?;
            requests.push(WriteRequest::builder().put_request(put).build());
        }
        let name = self.name_of(table);
        stream::iter(requests.chunks(BATCH).map(<[_]>::to_vec))
            .map(|batch| self.write(&name, batch))
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await
    }

    /// A busy table takes a part of a batch and hands the rest back.
    async fn write(&self, table: &str, batch: Vec<WriteRequest>) -> Result<(), StoreError> {
        let (mut left, mut wait) = (batch, SHORTEST);
        for _ in 0..TRIES {
            let written = self.client.batch_write_item().request_items(table, left).send().await;
            let unprocessed = written.map_err(store_error)?.unprocessed_items.unwrap_or_default();
            left = unprocessed.into_values().flatten().collect();
            if left.is_empty() {
                return Ok(());
            }
            metrics::counter!("documents_unprocessed_total").increment(left.len() as u64);
            tokio::time::sleep(wait).await;
            wait *= 2;
        }
        Err(StoreError::Busy(format!("{} items were not taken", left.len()).into()))
    }
}
