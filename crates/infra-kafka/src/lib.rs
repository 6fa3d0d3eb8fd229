//! The log between processes, in Kafka: what chargers say, what they are answered, that orders
//! wait for them, every event, and every frame on its way to the message log.
//!
//! Producers are idempotent and wait for all replicas. Consumers keep their position in the
//! database, in the unit of work that records what they read ([`kernel::position`]); the offsets
//! committed to Kafka only say where to begin. No Kafka transactions are used.

mod cloud_event;
mod envelope;
mod events;
mod frames;
mod gateway;
mod orders;
mod producer;
mod replies;
mod router;
mod settings;
mod tail;

use std::{sync::Arc, time::Duration};

use kernel::StoreError;
use rdkafka::{
    admin::{AdminClient, AdminOptions, NewTopic, TopicReplication},
    client::DefaultClientContext,
    config::ClientConfig,
    consumer::{BaseConsumer, Consumer},
    error::{KafkaError, RDKafkaErrorCode},
    producer::Producer,
};

pub use events::EventFeed;
pub use frames::KafkaFrameReader;
pub use gateway::{KafkaGateway, Listening};
pub use router::KafkaRouter;
pub use settings::{KafkaSettings, SettingsError};

/// What chargers say; key: identity.
pub const INBOUND: &str = "connect.inbound.v1";
/// What gateways tell them; each gateway reads one partition.
pub const REPLIES: &str = "connect.replies.v1";
/// What gateways are told; each gateway reads one partition.
pub const COMMANDS: &str = "connect.commands.v1";
/// Every frame, for the message log; key: identity.
pub const FRAMES: &str = "connect.frames.v1";
/// Calls that were set aside; key: identity.
pub const DEAD_LETTERS: &str = "connect.inbound.dlq.v1";
/// Every event as a CloudEvent; key: the aggregate's id.
pub const EVENTS: &str = "manage.events.v1";

const TOPICS: [&str; 6] = [INBOUND, REPLIES, COMMANDS, FRAMES, DEAD_LETTERS, EVENTS];
/// How long the broker may take to answer a question about itself.
const PATIENCE: Duration = Duration::from_secs(3);

/// A connection to the brokers. Cheap to clone.
#[derive(Clone)]
pub struct Kafka {
    settings: Arc<KafkaSettings>,
    producer: producer::Publisher,
}

impl Kafka {
    /// Sets the producer up; it connects by itself and again whenever it has to.
    ///
    /// # Errors
    /// For properties that the client refuses.
    pub fn new(settings: KafkaSettings) -> Result<Self, StoreError> {
        let producer = producer::Publisher::new(&settings)?;
        Ok(Self { settings: Arc::new(settings), producer })
    }

    /// Makes the topics that are missing.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where no broker answers; whatever the brokers refuse.
    pub async fn make_topics(&self) -> Result<(), StoreError> {
        let admin: AdminClient<DefaultClientContext> = self.client().create().map_err(store_error)?;
        let KafkaSettings { partitions, replication, .. } = *self.settings;
        let topic = |name| NewTopic::new(name, partitions, TopicReplication::Fixed(replication));
        let topics: Vec<NewTopic<'_>> = TOPICS.into_iter().map(topic).collect();
        let options = AdminOptions::new().operation_timeout(Some(PATIENCE)).request_timeout(Some(PATIENCE));
        for made in admin.create_topics(&topics, &options).await.map_err(store_error)? {
            match made {
                Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
                Err((topic, code)) => {
                    return Err(StoreError::Failed(format!("topic {topic} cannot be made: {code}").into()));
                }
            }
        }
        Ok(())
    }

    /// Whether a broker answers.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where none does.
    pub async fn check(&self) -> Result<(), StoreError> {
        let producer = self.producer.clone();
        blocking(move || producer.inner().client().fetch_metadata(Some(EVENTS), PATIENCE).map(|_| ())).await
    }

    /// Publishes what waits, at the end of a process.
    pub async fn flush(&self, patience: Duration) {
        let producer = self.producer.clone();
        if let Err(error) = blocking(move || producer.inner().flush(patience)).await {
            tracing::warn!(%error, "messages are left that could not be published");
        }
    }

    fn client(&self) -> ClientConfig {
        self.settings.client()
    }

    /// The partitions of a topic.
    async fn partitions(&self, topic: &'static str) -> Result<i32, StoreError> {
        let client = self.client();
        blocking(move || {
            let consumer: BaseConsumer = client.create()?;
            let metadata = consumer.fetch_metadata(Some(topic), PATIENCE)?;
            let found = metadata.topics().iter().find(|found| found.name() == topic);
            Ok(found.map_or(0, |topic| i32::try_from(topic.partitions().len()).unwrap_or(i32::MAX)))
        })
        .await
        .and_then(|count| match count {
            0 => Err(StoreError::Failed(format!("there is no topic {topic}").into())),
            count => Ok(count),
        })
    }
}

/// Runs a question that blocks its thread.
async fn blocking<T: Send + 'static>(
    ask: impl FnOnce() -> Result<T, KafkaError> + Send + 'static,
) -> Result<T, StoreError> {
    match tokio::task::spawn_blocking(ask).await {
        Ok(answer) => answer.map_err(store_error),
        Err(join) => Err(StoreError::Failed(Box::new(join))),
    }
}

/// Whatever the brokers do to us passes by itself or by somebody's hand: all of it is a matter of
/// trying again.
fn store_error(error: KafkaError) -> StoreError {
    StoreError::Unavailable(Box::new(error))
}
