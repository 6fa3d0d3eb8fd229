//! Reading partitions from their end, for what only matters to those who are there.

use std::time::Duration;

use kernel::StoreError;
use rdkafka::{
    Message, Offset, TopicPartitionList,
    consumer::{Consumer, StreamConsumer},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{Kafka, PATIENCE, blocking, store_error};

/// The wait after a failure of the client, which connects again by itself.
const AFTER_FAILURE: Duration = Duration::from_millis(500);

pub(crate) struct Tail(StreamConsumer);

impl Kafka {
    /// Reads these partitions of a topic from where they end now. Nothing that is published
    /// after this returns is missed.
    pub(crate) async fn tail(
        &self,
        topic: &'static str,
        partitions: impl IntoIterator<Item = i32>,
        reader: Uuid,
    ) -> Result<Tail, StoreError> {
        let mut client = self.client();
        client
            .set("group.id", format!("manage-tail-{reader}"))
            .set("enable.auto.commit", "false")
            .set("auto.offset.reset", "latest")
            .set("fetch.wait.max.ms", "50");
        let partitions: Vec<i32> = partitions.into_iter().collect();
        blocking(move || {
            let consumer: StreamConsumer = client.create()?;
            let mut from = TopicPartitionList::new();
            for partition in partitions {
                let (_, end) = consumer.fetch_watermarks(topic, partition, PATIENCE)?;
                from.add_partition_offset(topic, partition, Offset::Offset(end))?;
            }
            consumer.assign(&from)?;
            Ok(Tail(consumer))
        })
        .await
    }
}

impl Tail {
    /// The next message; `None` when told to stop.
    pub(crate) async fn next(&self, stopping: &CancellationToken) -> Option<Vec<u8>> {
        loop {
            match stopping.run_until_cancelled(self.0.recv()).await? {
                Ok(message) => return Some(message.payload().unwrap_or_default().to_vec()),
                Err(error) => {
                    tracing::debug!(error = %store_error(error), "a topic cannot be read for now");
                    stopping.run_until_cancelled(tokio::time::sleep(AFTER_FAILURE)).await?;
                }
            }
        }
    }
}
