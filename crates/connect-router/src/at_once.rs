//! Answers that depend on nothing but the call itself: a gateway may give them as soon as the
//! call is durable, before it was recorded.

use kernel::Timestamp;

use crate::{
    message::{Message, Reply},
    ocpp16,
    port::{Answer, InboundCall, Protocol},
};

/// Stands for the protocol of a dead letter that was never a call.
pub const UNREADABLE: &str = "unreadable";

/// The answer to a call, or `None` where it depends on what is known of charger, tag or
/// transaction.
pub fn at_once(call: &InboundCall, now: Timestamp) -> Option<Answer> {
    let message = match read(call) {
        Ok(message) => message,
        Err(refusal) => return Some(refusal.into()),
    };
    let reply = match message {
        Message::Boot(_) | Message::Authorise { .. } | Message::Start(_) => return None,
        // What is told of its tag is optional, and the stop stands whoever made it.
        Message::Stop(_) => Reply::Stopped { status: None },
        Message::Heartbeat => Reply::Heartbeat { now },
        Message::Vendor => Reply::UnknownVendor,
        Message::Status(_)
        | Message::Readings { .. }
        | Message::DiagnosticsStatus(_)
        | Message::FirmwareStatus(_)
        | Message::Security(_) => Reply::Done,
    };
    Some(Answer::Result(ocpp16::reply(&reply)))
}

/// Reads a call as its protocol says.
pub(crate) fn read(call: &InboundCall) -> Result<Message, ocpp16::Refusal> {
    match call.protocol {
        Protocol::Ocpp16 => ocpp16::read(&call.action, &call.payload, call.received_at),
    }
}

impl From<ocpp16::Refusal> for Answer {
    fn from(refusal: ocpp16::Refusal) -> Self {
        Self::Error { code: refusal.code, description: refusal.description }
    }
}
