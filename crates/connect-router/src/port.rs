//! The ports between a gateway and the router: what crosses, in which terms, with which promises.

use std::time::Duration;

use async_trait::async_trait;
use charge_point::CommandWork;
use kernel::{ChargePointId, Commit, HasPositions, OrganisationId, StoreError, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};
use transaction::SessionWork;
use vehicle::VehicleWork;

use crate::{
    dead_letter::HasDeadLetters,
    inbound::{Closed, Opened},
};

/// The protocol a socket negotiated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Protocol {
    #[serde(rename = "ocpp1.6")]
    Ocpp16,
}

impl Protocol {
    /// The WebSocket subprotocol's name.
    pub const fn subprotocol(self) -> &'static str {
        match self {
            Self::Ocpp16 => "ocpp1.6",
        }
    }
}

/// Which socket of a charger: a later connection has a higher number, so that the late close of
/// an old socket never removes its successor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConnectionId(pub i64);

/// One call from a charger, its envelope already checked, its payload as it came.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InboundCall {
    pub organisation: OrganisationId,
    pub charge_point: ChargePointId,
    pub identity: String,
    pub protocol: Protocol,
    pub connection: ConnectionId,
    pub message_id: String,
    pub action: String,
    pub payload: Box<RawValue>,
    pub received_at: Timestamp,
}

/// The error codes of OCPP-J, spelled for the wire by the gateway per protocol version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CallErrorCode {
    NotImplemented,
    NotSupported,
    InternalError,
    ProtocolError,
    SecurityError,
    FormationViolation,
    PropertyConstraintViolation,
    OccurrenceConstraintViolation,
    TypeConstraintViolation,
    GenericError,
}

/// What the charger is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    Result(Value),
    Error { code: CallErrorCode, description: String },
}

/// The message could not be made durable; the charger must not be given a success.
#[derive(Debug, thiserror::Error)]
#[error("the router cannot store the message for now")]
pub struct RouterUnavailable(#[source] pub Box<dyn std::error::Error + Send + Sync>);

impl From<StoreError> for RouterUnavailable {
    fn from(error: StoreError) -> Self {
        Self(Box::new(error))
    }
}

/// Where a gateway hands calls in. When it returns `Ok`, the message is durable.
///
/// Calls of one charge point are handed in one at a time and in order; calls of different charge
/// points run concurrently.
#[async_trait]
pub trait InboundCalls: Send + Sync {
    async fn handle(&self, call: InboundCall) -> Result<Answer, RouterUnavailable>;
}

/// Where a gateway reports sockets that open and close. When it returns `Ok`, the news is durable.
#[async_trait]
pub trait ConnectionEvents: Send + Sync {
    async fn opened(&self, opened: Opened) -> Result<(), RouterUnavailable>;

    async fn closed(&self, closed: Closed) -> Result<(), RouterUnavailable>;
}

/// Why a call to a charger has no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// No socket holds this charger; nothing was sent.
    #[error("the charger is not connected")]
    Unreachable,
    /// Sent, but no answer came in time; whether it took effect is unknown.
    #[error("the charger did not answer in time")]
    TimedOut,
    /// Sent, but the socket closed before the answer; whether it took effect is unknown.
    #[error("the connection was lost before the answer")]
    Disconnected,
    /// The charger answered with CALLERROR.
    #[error("the charger answered {code}: {description}")]
    CallError { code: String, description: String },
}

/// Calls a charger and waits for its answer. One call is in flight per charger; others wait their
/// turn in order, and the timeout starts when the call is sent.
#[async_trait]
pub trait ChargerLink: Send + Sync {
    async fn call(
        &self,
        charge_point: ChargePointId,
        action: &str,
        payload: Value,
        timeout: Duration,
    ) -> Result<Value, LinkError>;
}

/// The unit of work in which chargers' calls are recorded.
pub trait RouterTx: CommandWork + SessionWork + VehicleWork + HasDeadLetters + HasPositions + Commit {}
impl<T: CommandWork + SessionWork + VehicleWork + HasDeadLetters + HasPositions + Commit> RouterTx for T {}
