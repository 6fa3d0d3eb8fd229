//! The router's end of the log: many messages, one unit of work, each recorded once.

mod places;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use charge_point::AdmissionReader;
use connect_router::{Answer, DeadLetter, Inbound, Item, Recorded, Recording, Stopped, at_once::UNREADABLE};
use futures::FutureExt;
use kernel::{Clock, IdSource, PositionReader, StoreError};
use rdkafka::{
    Message as _, Offset, TopicPartitionList,
    consumer::{CommitMode, Consumer, StreamConsumer},
    message::BorrowedMessage,
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use self::places::{Places, Step, Walk};
use crate::{
    DEAD_LETTERS, INBOUND, Kafka, REPLIES,
    envelope::{InboundEnvelope, ReplyEnvelope, ReplyTo},
    producer::Message,
    store_error,
};

/// The name of this consumer, for Kafka and in the database.
pub(crate) const CONSUMER: &str = "router";
/// Messages in one unit of work, at most.
const BATCH: usize = 512;
/// The waits after failures.
const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(5);

/// Records what gateways publish. Any number may run; Kafka shares the partitions out.
pub struct KafkaRouter {
    kafka: Kafka,
    consumer: Arc<StreamConsumer>,
    recording: Recording,
    positions: Arc<dyn PositionReader>,
    admissions: Arc<dyn AdmissionReader>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
}

/// A message as it was read.
struct Read {
    partition: i32,
    offset: i64,
    key: String,
    payload: Vec<u8>,
}

impl From<&BorrowedMessage<'_>> for Read {
    fn from(message: &BorrowedMessage<'_>) -> Self {
        let text = |bytes: Option<&[u8]>| String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned();
        Self {
            partition: message.partition(),
            offset: message.offset(),
            key: text(message.key()),
            payload: message.payload().unwrap_or_default().to_vec(),
        }
    }
}

/// A message that is to be recorded, and where its answer is waited for.
struct Due {
    item: Item,
    reply_to: Option<ReplyTo>,
}

impl KafkaRouter {
    /// A router that joins the others.
    ///
    /// # Errors
    /// For properties that the client refuses.
    pub fn join<S>(
        kafka: Kafka,
        store: Arc<S>,
        recording: Recording,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
    ) -> Result<Self, StoreError>
    where
        S: PositionReader + AdmissionReader + 'static,
    {
        let mut client = kafka.client();
        client
            .set("group.id", format!("manage-{CONSUMER}"))
            .set("enable.auto.commit", "false")
            .set("auto.offset.reset", "earliest")
            .set("partition.assignment.strategy", "cooperative-sticky")
            // A router that is gone is replaced within seconds.
            .set("session.timeout.ms", "10000")
            .set("heartbeat.interval.ms", "2000")
            .set("fetch.wait.max.ms", "50")
            .set("queued.max.messages.kbytes", "16384");
        let consumer: StreamConsumer = client.create().map_err(store_error)?;
        consumer.subscribe(&[INBOUND]).map_err(store_error)?;
        let consumer = Arc::new(consumer);
        Ok(Self { kafka, consumer, recording, positions: store.clone(), admissions: store, clock, ids })
    }

    /// Works until told to stop, then finishes the batch in hand.
    pub async fn run(self, stopping: CancellationToken) {
        let mut places = Places::new(self.consumer.clone(), self.positions.clone());
        while let Some(batch) = self.read(&stopping).await {
            self.work(&mut places, batch, &stopping).await;
        }
    }

    /// What there is to read, at least one message; `None` when told to stop.
    async fn read(&self, stopping: &CancellationToken) -> Option<Vec<Read>> {
        let mut batch = Vec::new();
        while batch.is_empty() {
            match stopping.run_until_cancelled(self.consumer.recv()).await? {
                Ok(message) => batch.push(Read::from(&message)),
                Err(error) => {
                    tracing::debug!(error = %store_error(error), "messages cannot be read for now");
                    stopping.run_until_cancelled(tokio::time::sleep(SHORTEST)).await?;
                }
            }
        }
        while batch.len() < BATCH
            && let Some(Ok(message)) = self.consumer.recv().now_or_never()
        {
            batch.push(Read::from(&message));
        }
        Some(batch)
    }

    /// Records a batch, however long the store takes to come back. Returns early where we are
    /// told to stop, or where others have taken the messages over.
    async fn work(&self, places: &mut Places, mut batch: Vec<Read>, stopping: &CancellationToken) {
        let mut wait = SHORTEST;
        while !batch.is_empty() && !stopping.is_cancelled() {
            let begun = Instant::now();
            let failure = match self.due(places, &batch).await {
                Ok(due) => {
                    let (items, replies): (Vec<Item>, Vec<Option<ReplyTo>>) =
                        due.into_iter().map(|due| (due.item, due.reply_to)).unzip();
                    let Recorded { answers, stopped } = self.recording.record(&items).await;
                    metrics::histogram!("router_batch_messages").record(count(answers.len()));
                    metrics::histogram!("router_batch_duration_seconds")
                        .record(begun.elapsed().as_secs_f64());
                    metrics::counter!("router_messages_total").increment(answers.len() as u64);
                    self.recorded(places, &items, answers, replies);
                    stopped
                }
                Err(error) => Some(Stopped::Store(error)),
            };
            match failure {
                None => return,
                Some(Stopped::Moved) => {
                    metrics::counter!("router_moved_total").increment(1);
                    tracing::info!("another router has taken partitions over");
                    places.forget();
                }
                Some(Stopped::Store(error)) => {
                    tracing::warn!(%error, waiting = batch.len(), "messages cannot be recorded for now");
                    let _ = stopping.run_until_cancelled(tokio::time::sleep(wait)).await;
                    wait = (wait * 2).min(LONGEST);
                }
            }
            batch.retain(|read| !places.passed(read.partition, read.offset));
        }
    }

    /// What of a batch is to be recorded, each with its step along its partition.
    async fn due(&self, places: &mut Places, batch: &[Read]) -> Result<Vec<Due>, StoreError> {
        let mut due = Vec::with_capacity(batch.len());
        let mut steps = Walk::default();
        for read in batch {
            let Step::Due(advance) = steps.step(places, read.partition, read.offset).await? else { continue };
            let (inbound, reply_to) = match serde_json::from_slice::<InboundEnvelope>(&read.payload) {
                Ok(envelope) => (envelope.message, envelope.reply_to),
                Err(error) => (self.unreadable(read, &error.to_string()).await?, None),
            };
            due.push(Due { item: Item { inbound, advance: Some(advance) }, reply_to });
        }
        Ok(due)
    }

    /// Something on the topic that no gateway of ours has written. It is kept with the charger it
    /// names; where it names none, only its copy on the topic of dead letters is left of it.
    async fn unreadable(&self, read: &Read, reason: &str) -> Result<Inbound, StoreError> {
        tracing::error!(
            key = read.key,
            partition = read.partition,
            offset = read.offset,
            reason,
            "a message cannot be read"
        );
        metrics::counter!("router_unreadable_total").increment(1);
        let admission = self.admissions.admission_find(&read.key).await?;
        let Some(admission) = admission else {
            let letter =
                Message { topic: DEAD_LETTERS, partition: None, key: &read.key, payload: &read.payload };
            self.kafka.producer.publish(&letter).await?;
            return Ok(Inbound::Nothing);
        };
        Ok(Inbound::Unreadable(DeadLetter {
            id: self.ids.uuid().into(),
            organisation: admission.organisation,
            charge_point: admission.charge_point,
            identity: read.key.clone(),
            protocol: UNREADABLE.to_owned(),
            message_id: format!("{INBOUND}/{}/{}", read.partition, read.offset),
            action: String::new(),
            payload: String::from_utf8_lossy(&read.payload).into_owned(),
            reason: format!("it cannot be read: {reason}"),
            received_at: self.clock.now(),
        }))
    }

    /// Moves along, and sends the answers that are waited for. One that is lost on its way is
    /// asked for again: the charger's call comes back and changes nothing.
    fn recorded(
        &self,
        places: &mut Places,
        items: &[Item],
        answers: Vec<Answer>,
        replies: Vec<Option<ReplyTo>>,
    ) {
        let mut ends: BTreeMap<i32, i64> = BTreeMap::new();
        for ((item, answer), reply_to) in items.iter().zip(answers).zip(replies) {
            if let Some(advance) = &item.advance {
                ends.insert(advance.track.partition, advance.to);
            }
            let Some(ReplyTo { gateway, correlation }) = reply_to else { continue };
            let reply = ReplyEnvelope { instance: gateway.instance, correlation, answer };
            let sent = serde_json::to_vec(&reply)
                .map_err(|error| StoreError::Failed(Box::new(error)))
                .and_then(|payload| {
                    let key = item.inbound.identity();
                    let partition = Some(gateway.partition);
                    self.kafka.producer.hand_over(&Message {
                        topic: REPLIES,
                        partition,
                        key,
                        payload: &payload,
                    })
                });
            if let Err(error) = sent {
                tracing::warn!(%error, identity = item.inbound.identity(), "an answer cannot be sent");
            }
        }
        let mut offsets = TopicPartitionList::new();
        for (partition, end) in ends {
            places.reached(partition, end);
            // Cannot fail: the offset is a valid one.
            let _ = offsets.add_partition_offset(INBOUND, partition, Offset::Offset(end));
        }
        if offsets.count() > 0
            && let Err(error) = self.consumer.commit(&offsets, CommitMode::Async)
        {
            tracing::debug!(error = %store_error(error), "offsets cannot be committed for now; the database has them");
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a batch has hundreds of messages")]
fn count(messages: usize) -> f64 {
    messages as f64
}
