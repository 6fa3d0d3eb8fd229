//! What joins gateways, workers and servers: nothing where all are one process, Kafka where they
//! are several.

use std::sync::Arc;

#[cfg(feature = "kafka")]
use anyhow::Context;
use connect_router::{
    ConnectionEvents, GatewayAddress, InboundCalls, OrderBell, Recording, Ring, SocketRegistry,
};
use kernel::{EventPublisher, StoreError};

use crate::{config::Store, process::Process};

/// The log between processes. Cheap to clone.
#[derive(Clone)]
pub enum Log {
    /// There is only this process.
    Local,
    #[cfg(feature = "kafka")]
    Kafka(infra_kafka::Kafka),
}

/// What a gateway that is one of several works with.
pub struct Shared {
    pub calls: Arc<dyn InboundCalls>,
    pub events: Arc<dyn ConnectionEvents>,
    pub address: GatewayAddress,
    pub sockets: Arc<dyn SocketRegistry>,
    pub bell: Arc<dyn OrderBell>,
}

impl Log {
    pub(crate) async fn open(events: &Store) -> anyhow::Result<Self> {
        match events.scheme() {
            #[cfg(feature = "kafka")]
            "kafka" => {
                let settings =
                    infra_kafka::KafkaSettings::parse(events.url.expose()).context("`events.url`")?;
                let kafka = infra_kafka::Kafka::new(settings).context("`events.url` cannot be used")?;
                kafka.make_topics().await.context("the brokers of `events.url` cannot be reached")?;
                Ok(Self::Kafka(kafka))
            }
            _ => Ok(Self::Local),
        }
    }

    /// Whether there are other processes.
    pub fn is_shared(&self) -> bool {
        !matches!(self, Self::Local)
    }

    pub(crate) async fn check(&self) -> Result<(), StoreError> {
        match self {
            Self::Local => Ok(()),
            #[cfg(feature = "kafka")]
            Self::Kafka(kafka) => kafka.check().await,
        }
    }
}

impl Process {
    /// Where events become known to all processes.
    pub fn publisher(&self) -> Arc<dyn EventPublisher> {
        match &self.backends.log {
            Log::Local => Arc::new(self.backends.events.clone()),
            #[cfg(feature = "kafka")]
            Log::Kafka(kafka) => Arc::new(kafka.clone()),
        }
    }

    /// How gateways are told that orders wait; `None` where the only one is in this process.
    pub fn order_bell(&self) -> Option<Arc<dyn OrderBell>> {
        match &self.backends.log {
            Log::Local => None,
            #[cfg(feature = "kafka")]
            Log::Kafka(kafka) => Some(Arc::new(kafka.clone())),
        }
    }

    /// Makes the events of all processes heard in this one. Where it is the only one, they are.
    ///
    /// # Errors
    /// Where the brokers do not answer.
    pub async fn hear_events(&self) -> anyhow::Result<()> {
        match &self.backends.log {
            Log::Local => Ok(()),
            #[cfg(feature = "kafka")]
            Log::Kafka(kafka) => {
                let feed = kafka.events(self.backends.ids.uuid()).await.context("events cannot be heard")?;
                let (bus, stopping) = (Arc::new(self.backends.events.clone()), self.lifecycle.stopping());
                self.lifecycle.spawn("event feed", async move {
                    feed.run(bus, stopping).await;
                    Ok(())
                });
                Ok(())
            }
        }
    }

    /// Joins the gateways; `None` where this is the only one. `told` gets what it is told.
    ///
    /// # Errors
    /// Where the brokers do not answer.
    pub async fn join_gateways(
        &self,
        told: impl FnMut(Ring) + Send + 'static,
    ) -> anyhow::Result<Option<Shared>> {
        match &self.backends.log {
            Log::Local => {
                drop(told);
                Ok(None)
            }
            #[cfg(feature = "kafka")]
            Log::Kafka(kafka) => {
                let (ids, clock) = (&self.backends.ids, self.backends.clock.clone());
                let joined = infra_kafka::KafkaGateway::join(kafka.clone(), ids.uuid(), clock).await;
                let (gateway, listening) = joined.context("the gateways cannot be joined")?;
                let sockets =
                    self.backends.sockets.clone().context("`cache.url` must be redis: beside kafka:")?;
                // Answers to the last calls are heard until all sockets are closed.
                let stopping = self.lifecycle.drained_token();
                tokio::spawn(listening.run(stopping, told));
                Ok(Some(Shared {
                    calls: Arc::new(gateway.clone()),
                    events: Arc::new(gateway.clone()),
                    address: gateway.address(),
                    sockets,
                    bell: Arc::new(kafka.clone()),
                }))
            }
        }
    }

    /// Records what all gateways hand in, beside other workers; where this is the only process,
    /// its gateway does so itself.
    ///
    /// # Errors
    /// Where the client refuses its properties.
    pub fn record_inbound(&self, recording: Recording) -> anyhow::Result<()> {
        match &self.backends.log {
            Log::Local => {
                drop(recording);
                Ok(())
            }
            #[cfg(feature = "kafka")]
            Log::Kafka(kafka) => {
                let (sea, clock, ids) =
                    (self.backends.sea.clone(), self.backends.clock.clone(), self.backends.ids.clone());
                let router = infra_kafka::KafkaRouter::join(kafka.clone(), sea, recording, clock, ids)
                    .context("the routers cannot be joined")?;
                let stopping = self.lifecycle.stopping();
                self.lifecycle.spawn("router", async move {
                    router.run(stopping).await;
                    Ok(())
                });
                Ok(())
            }
        }
    }

    /// Publishes what is left, once nothing new will come.
    pub(crate) async fn flush(&self) {
        match &self.backends.log {
            Log::Local => {}
            #[cfg(feature = "kafka")]
            Log::Kafka(kafka) => kafka.flush(std::time::Duration::from_secs(5)).await,
        }
    }
}
