//! The gateway's end of the log.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use connect_router::{
    Answer, Closed, ConnectionEvents, GatewayAddress, Inbound, InboundCall, InboundCalls, Opened, Ring,
    RouterUnavailable, at_once,
};
use kernel::{Clock, StoreError};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    COMMANDS, INBOUND, Kafka, REPLIES,
    envelope::{InboundEnvelope, ReplyTo, RingEnvelope},
    producer::Message,
    replies::Waiting,
    tail::Tail,
};

/// How long an answer is waited for before the call is handed in again.
const PATIENCE: Duration = Duration::from_secs(10);

/// Publishes what chargers say, and waits for answers where they need the business. Cheap to
/// clone.
#[derive(Clone)]
pub struct KafkaGateway {
    kafka: Kafka,
    address: GatewayAddress,
    waiting: Waiting,
    clock: Arc<dyn Clock>,
}

/// What a gateway has to listen to.
pub struct Listening {
    replies: Tail,
    rings: Tail,
    instance: Uuid,
    waiting: Waiting,
}

impl KafkaGateway {
    /// A gateway, and what it has to listen to for its calls to be answered.
    ///
    /// # Errors
    /// Where the brokers do not answer.
    pub async fn join(
        kafka: Kafka,
        instance: Uuid,
        clock: Arc<dyn Clock>,
    ) -> Result<(Self, Listening), StoreError> {
        // Any partition will do that both topics have, and gateways spread over all of them.
        let partitions = kafka.partitions(REPLIES).await?.min(kafka.partitions(COMMANDS).await?);
        let partition =
            i32::try_from(instance.as_u128() % u128::from(partitions.unsigned_abs())).unwrap_or(0);
        let address = GatewayAddress { instance, partition };
        let waiting = Waiting::new(instance);
        let replies = kafka.tail(REPLIES, [partition], instance).await?;
        let rings = kafka.tail(COMMANDS, [partition], instance).await?;
        let listening = Listening { replies, rings, instance, waiting: waiting.clone() };
        Ok((Self { kafka, address, waiting, clock }, listening))
    }

    pub fn address(&self) -> GatewayAddress {
        self.address
    }

    async fn publish(&self, reply_to: Option<ReplyTo>, message: Inbound) -> Result<(), RouterUnavailable> {
        let envelope = InboundEnvelope { reply_to, message };
        let payload = serde_json::to_vec(&envelope).map_err(|error| RouterUnavailable(Box::new(error)))?;
        let key = envelope.message.identity();
        Ok(self
            .kafka
            .producer
            .publish(&Message { topic: INBOUND, partition: None, key, payload: &payload })
            .await?)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the call is kept, but nobody has answered it in time")]
struct NoAnswer;

#[async_trait]
impl InboundCalls for KafkaGateway {
    async fn handle(&self, call: InboundCall) -> Result<Answer, RouterUnavailable> {
        if let Some(answer) = at_once(&call, self.clock.now()) {
            self.publish(None, Inbound::Call(call)).await?;
            return Ok(answer);
        }
        let mut wait = self.waiting.wait();
        let reply_to = ReplyTo { gateway: self.address, correlation: wait.correlation };
        self.publish(Some(reply_to), Inbound::Call(call)).await?;
        match tokio::time::timeout(PATIENCE, wait.answer()).await {
            Ok(Some(answer)) => Ok(answer),
            _ => Err(RouterUnavailable(Box::new(NoAnswer))),
        }
    }
}

#[async_trait]
impl ConnectionEvents for KafkaGateway {
    async fn opened(&self, opened: Opened) -> Result<(), RouterUnavailable> {
        self.publish(None, Inbound::Opened(opened)).await
    }

    async fn closed(&self, closed: Closed) -> Result<(), RouterUnavailable> {
        self.publish(None, Inbound::Closed(closed)).await
    }
}

impl Listening {
    /// Takes up answers, and hands on what the gateway is told, until told to stop.
    pub async fn run(self, stopping: CancellationToken, mut told: impl FnMut(Ring)) {
        let Self { replies, rings, instance, waiting } = self;
        let answers = async {
            while let Some(payload) = replies.next(&stopping).await {
                waiting.take(&payload);
            }
        };
        let orders = async {
            while let Some(payload) = rings.next(&stopping).await {
                match serde_json::from_slice::<RingEnvelope>(&payload) {
                    Ok(envelope) if envelope.instance == instance => told(envelope.ring),
                    Ok(_) => {}
                    Err(error) => tracing::warn!(%error, "what a gateway is told cannot be read"),
                }
            }
        };
        tokio::join!(answers, orders);
    }
}
