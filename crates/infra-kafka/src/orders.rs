//! Telling gateways that something is to be done.

use async_trait::async_trait;
use connect_router::{OrderBell, Ring, Socket};
use kernel::StoreError;

use crate::{COMMANDS, Kafka, envelope::RingEnvelope, producer::Message};

#[async_trait]
impl OrderBell for Kafka {
    async fn ring(&self, socket: &Socket, ring: Ring) -> Result<(), StoreError> {
        let envelope = RingEnvelope { instance: socket.gateway.instance, ring };
        let payload = serde_json::to_vec(&envelope).map_err(|error| StoreError::Failed(Box::new(error)))?;
        let partition = Some(socket.gateway.partition);
        let message = Message { topic: COMMANDS, partition, key: &socket.identity, payload: &payload };
        self.producer.publish(&message).await
    }
}
