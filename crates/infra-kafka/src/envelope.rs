//! What crosses the topics of gateways and router.

use connect_router::{Answer, GatewayAddress, Inbound, Ring};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// On `connect.inbound.v1`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct InboundEnvelope {
    /// Where the answer is waited for, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reply_to: Option<ReplyTo>,
    pub(crate) message: Inbound,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct ReplyTo {
    pub(crate) gateway: GatewayAddress,
    pub(crate) correlation: u64,
}

/// On `connect.replies.v1`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ReplyEnvelope {
    pub(crate) instance: Uuid,
    pub(crate) correlation: u64,
    pub(crate) answer: Answer,
}

/// On `connect.commands.v1`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RingEnvelope {
    pub(crate) instance: Uuid,
    pub(crate) ring: Ring,
}
