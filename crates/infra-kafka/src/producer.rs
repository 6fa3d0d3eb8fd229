//! Publishing: idempotent, to all replicas, and bounded in memory and time.

use std::time::Duration;

use futures::future::join_all;
use kernel::StoreError;
use rdkafka::producer::{FutureProducer, FutureRecord};

use crate::{KafkaSettings, store_error};

/// How long a message may wait for room in the producer's queue.
const ROOM: Duration = Duration::from_secs(5);

/// One message to be published.
pub(crate) struct Message<'a> {
    pub(crate) topic: &'static str,
    /// Where it must go; else its key decides.
    pub(crate) partition: Option<i32>,
    pub(crate) key: &'a str,
    pub(crate) payload: &'a [u8],
}

impl<'a> Message<'a> {
    fn record(&self) -> FutureRecord<'a, str, [u8]> {
        let record = FutureRecord::to(self.topic).key(self.key).payload(self.payload);
        match self.partition {
            Some(partition) => record.partition(partition),
            None => record,
        }
    }
}

/// The producer of this process. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Publisher(FutureProducer);

impl Publisher {
    pub(crate) fn new(settings: &KafkaSettings) -> Result<Self, StoreError> {
        let mut client = settings.client();
        client
            .set("enable.idempotence", "true")
            .set("acks", "all")
            .set("compression.type", "lz4")
            // Keys choose partitions as the Java clients do.
            .set("partitioner", "murmur2_random")
            .set("linger.ms", "2")
            .set("message.timeout.ms", "15000")
            .set("queue.buffering.max.kbytes", "65536");
        Ok(Self(client.create().map_err(store_error)?))
    }

    pub(crate) fn inner(&self) -> &FutureProducer {
        &self.0
    }

    /// Publishes a message. When it returns `Ok`, every replica has it.
    pub(crate) async fn publish(&self, message: &Message<'_>) -> Result<(), StoreError> {
        self.0.send(message.record(), ROOM).await.map(|_| ()).map_err(|(error, _)| store_error(error))
    }

    /// Publishes messages in order; those of one key stay in it.
    pub(crate) async fn publish_all(&self, messages: &[Message<'_>]) -> Result<(), StoreError> {
        let sent = join_all(messages.iter().map(|message| self.publish(message))).await;
        sent.into_iter().collect()
    }

    /// Hands a message over that nobody misses for long; it is published soon or never.
    pub(crate) fn hand_over(&self, message: &Message<'_>) -> Result<(), StoreError> {
        self.0.send_result(message.record()).map(|_| ()).map_err(|(error, _)| store_error(error))
    }
}
