//! What reaches the router from gateways, in the order of each charger.

use kernel::{ChargePointId, OrganisationId};
use serde::{Deserialize, Serialize};

use crate::{
    dead_letter::DeadLetter,
    port::{ConnectionId, InboundCall, Protocol},
};

/// One message to be recorded.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Inbound {
    Call(InboundCall),
    Opened(Opened),
    Closed(Closed),
    /// Something that could not even be read as one of the others, to be set aside.
    Unreadable(DeadLetter),
    /// Something that nobody can be told of.
    Nothing,
}

impl Inbound {
    /// The charger it is about: messages of one charger keep their order.
    pub fn identity(&self) -> &str {
        match self {
            Self::Call(call) => &call.identity,
            Self::Opened(opened) => &opened.identity,
            Self::Closed(closed) => &closed.identity,
            Self::Unreadable(letter) => &letter.identity,
            Self::Nothing => "",
        }
    }
}

/// A socket of a charger opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    pub organisation: OrganisationId,
    pub charge_point: ChargePointId,
    pub identity: String,
    pub connection: ConnectionId,
    pub protocol: Protocol,
}

/// A socket of a charger closed. Without effect where a later one has opened meanwhile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    pub organisation: OrganisationId,
    pub charge_point: ChargePointId,
    pub identity: String,
    pub connection: ConnectionId,
}
