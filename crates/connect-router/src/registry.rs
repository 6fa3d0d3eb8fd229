//! Which gateway holds the socket of a charger, and how it is told that something is to be done.
//!
//! Both are shortcuts. Orders wait in the store until a gateway takes them, and every gateway
//! looks there from time to time for the chargers it holds: a registry that forgets, or a bell
//! that is not heard, costs a moment and nothing else.

use async_trait::async_trait;
use kernel::{ChargePointId, OrganisationId, StoreError};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::port::ConnectionId;

/// A gateway process, and the partition of the logs of replies and orders that it reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct GatewayAddress {
    pub instance: Uuid,
    pub partition: i32,
}

/// A charger's socket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Socket {
    pub identity: String,
    pub connection: ConnectionId,
    pub gateway: GatewayAddress,
}

/// Where sockets are, shared by all processes. Entries end by themselves unless they are kept.
#[async_trait]
pub trait SocketRegistry: Send + Sync {
    /// Notes a socket unless a later one of that charger is noted already, and returns the one
    /// that was noted until now.
    async fn socket_opened(
        &self,
        charge_point: ChargePointId,
        socket: &Socket,
    ) -> Result<Option<Socket>, StoreError>;

    /// Forgets a socket; a later one stays.
    async fn socket_closed(
        &self,
        charge_point: ChargePointId,
        connection: ConnectionId,
    ) -> Result<(), StoreError>;

    /// Keeps sockets from ending, and notes again those that were forgotten.
    async fn sockets_keep(&self, sockets: &[(ChargePointId, Socket)]) -> Result<(), StoreError>;

    async fn sockets_find(&self, chargers: &[ChargePointId]) -> Result<Vec<Option<Socket>>, StoreError>;
}

/// What a gateway is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ring {
    /// Orders wait for this charger.
    Orders { organisation: OrganisationId, charge_point: ChargePointId },
    /// The charger has connected elsewhere: this socket of it is dead.
    Replaced { charge_point: ChargePointId, connection: ConnectionId },
}

/// Tells a gateway of something.
#[async_trait]
pub trait OrderBell: Send + Sync {
    /// Tells the gateway of that socket.
    async fn ring(&self, socket: &Socket, ring: Ring) -> Result<(), StoreError>;
}
