//! Frames on their way to the message log: published by gateways, read by workers in batches.
//!
//! Offsets are committed after the log has a batch. What is read again then is written again, and
//! changes nothing: no position is kept in a database.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use futures::FutureExt;
use kernel::StoreError;
use message_log::{Frame, FrameSink};
use rdkafka::{
    Message as _, Offset, TopicPartitionList,
    consumer::{CommitMode, Consumer, StreamConsumer},
    message::BorrowedMessage,
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{DEAD_LETTERS, FRAMES, Kafka, producer::Message, store_error};

/// The name of this consumer group.
const GROUP: &str = "manage-message-log";
/// Frames written at once, and their bytes, at most.
const BATCH: usize = 500;
const BATCH_BYTES: usize = 4 * 1024 * 1024;
/// The waits after failures.
const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(10);

#[async_trait]
impl FrameSink for Kafka {
    async fn frames_take(&self, frames: &[Frame]) -> Result<(), StoreError> {
        let written: Result<Vec<Vec<u8>>, _> = frames.iter().map(serde_json::to_vec).collect();
        let written = written.map_err(|error| StoreError::Failed(Box::new(error)))?;
        let messages: Vec<Message<'_>> = frames
            .iter()
            .zip(&written)
            .map(|(frame, payload)| Message { topic: FRAMES, partition: None, key: &frame.identity, payload })
            .collect();
        self.producer.publish_all(&messages).await
    }
}

/// Takes frames from the topic to the message log. Any number may run.
pub struct KafkaFrameReader {
    kafka: Kafka,
    consumer: StreamConsumer,
    log: Arc<dyn FrameSink>,
}

/// What was read, and how far.
#[derive(Default)]
struct Batch {
    frames: Vec<Frame>,
    /// Key and payload of what no gateway of ours has written.
    unreadable: Vec<(String, Vec<u8>)>,
    bytes: usize,
    /// The offset to be read next, by partition.
    ends: BTreeMap<i32, i64>,
}

impl Batch {
    fn add(&mut self, message: &BorrowedMessage<'_>) {
        let payload = message.payload().unwrap_or_default();
        self.bytes += payload.len();
        self.ends.insert(message.partition(), message.offset() + 1);
        match serde_json::from_slice(payload) {
            Ok(frame) => self.frames.push(frame),
            Err(error) => {
                let key = String::from_utf8_lossy(message.key().unwrap_or_default()).into_owned();
                tracing::error!(key, offset = message.offset(), %error, "a frame cannot be read");
                metrics::counter!("message_log_unreadable_total").increment(1);
                self.unreadable.push((key, payload.to_vec()));
            }
        }
    }

    fn is_full(&self) -> bool {
        self.frames.len() + self.unreadable.len() >= BATCH || self.bytes >= BATCH_BYTES
    }
}

impl KafkaFrameReader {
    /// A reader that joins the others.
    ///
    /// # Errors
    /// For properties that the client refuses.
    pub fn join(kafka: Kafka, log: Arc<dyn FrameSink>) -> Result<Self, StoreError> {
        let mut client = kafka.client();
        client
            .set("group.id", GROUP)
            .set("enable.auto.commit", "false")
            .set("auto.offset.reset", "earliest")
            .set("partition.assignment.strategy", "cooperative-sticky")
            .set("session.timeout.ms", "10000")
            .set("heartbeat.interval.ms", "2000")
            // Nobody waits for the log: few large batches rather than many small ones.
            .set("fetch.min.bytes", "65536")
            .set("fetch.wait.max.ms", "200")
            .set("queued.max.messages.kbytes", "16384");
        let consumer: StreamConsumer = client.create().map_err(store_error)?;
        consumer.subscribe(&[FRAMES]).map_err(store_error)?;
        Ok(Self { kafka, consumer, log })
    }

    /// Works until told to stop, then finishes the batch in hand where the log takes it.
    pub async fn run(self, stopping: CancellationToken) {
        while let Some(batch) = self.read(&stopping).await {
            if !self.write(&batch, &stopping).await {
                return;
            }
            self.commit(&batch);
        }
    }

    /// What there is to read, at least one message; `None` when told to stop.
    async fn read(&self, stopping: &CancellationToken) -> Option<Batch> {
        let mut batch = Batch::default();
        while batch.ends.is_empty() {
            match stopping.run_until_cancelled(self.consumer.recv()).await? {
                Ok(message) => batch.add(&message),
                Err(error) => {
                    tracing::debug!(error = %store_error(error), "frames cannot be read for now");
                    stopping.run_until_cancelled(tokio::time::sleep(SHORTEST)).await?;
                }
            }
        }
        while !batch.is_full()
            && let Some(Ok(message)) = self.consumer.recv().now_or_never()
        {
            batch.add(&message);
        }
        Some(batch)
    }

    /// Has the log keep a batch, however long it takes to come back; false where we are told to
    /// stop before it does.
    async fn write(&self, batch: &Batch, stopping: &CancellationToken) -> bool {
        let mut wait = SHORTEST;
        loop {
            let begun = Instant::now();
            let error = match self.try_write(batch).await {
                Ok(()) => {
                    metrics::counter!("message_log_written_total").increment(batch.frames.len() as u64);
                    metrics::histogram!("message_log_write_duration_seconds")
                        .record(begun.elapsed().as_secs_f64());
                    return true;
                }
                Err(error) => error,
            };
            tracing::warn!(%error, frames = batch.frames.len(), "the message log cannot be written for now");
            metrics::counter!("message_log_retries_total", "step" => "write").increment(1);
            if stopping.run_until_cancelled(tokio::time::sleep(wait)).await.is_none() {
                return false;
            }
            wait = (wait * 2).min(LONGEST);
        }
    }

    async fn try_write(&self, batch: &Batch) -> Result<(), StoreError> {
        let set_aside: Vec<Message<'_>> = batch
            .unreadable
            .iter()
            .map(|(key, payload)| Message { topic: DEAD_LETTERS, partition: None, key, payload })
            .collect();
        self.kafka.producer.publish_all(&set_aside).await?;
        self.log.frames_take(&batch.frames).await
    }

    /// Says how far it was read. Where that is not heard, it is read again.
    fn commit(&self, batch: &Batch) {
        let mut offsets = TopicPartitionList::new();
        for (partition, end) in &batch.ends {
            // Cannot fail: the offset is a valid one.
            let _ = offsets.add_partition_offset(FRAMES, *partition, Offset::Offset(*end));
        }
        if let Err(error) = self.consumer.commit(&offsets, CommitMode::Async) {
            tracing::debug!(error = %store_error(error), "offsets cannot be committed for now");
        }
    }
}
