//! A frame as callers see it.

use chrono::{DateTime, Utc};
use message_log::{Direction, Frame, MessageType, Outcome};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Serialize, ToSchema)]
#[schema(as = Frame)]
pub(super) struct FrameBody {
    id: Uuid,
    at: DateTime<Utc>,
    charge_point_id: Uuid,
    /// The name the charger connected with.
    identity: String,
    /// Which socket of the charger; a later one has a higher number.
    connection: i64,
    direction: DirectionWord,
    #[schema(example = "ocpp1.6")]
    protocol: String,
    message_type: MessageTypeWord,
    /// What is asked or answered; null where nobody knows what the frame is about.
    #[schema(required, example = "BootNotification")]
    action: Option<String>,
    /// What a call and its answer share; null where it cannot be read.
    #[schema(required)]
    message_id: Option<String>,
    /// How it went; null for calls, whose answers say so.
    #[schema(required)]
    outcome: Option<OutcomeWord>,
    /// The frame as it crossed the socket, its secrets replaced by `***`; of a very long one the
    /// beginning. Empty for an answer that is missing and for what is no text.
    frame: String,
    /// Bytes that crossed the socket.
    bytes: u64,
}

/// Seen from here: `in` comes from the charger.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[schema(as = FrameDirection)]
#[serde(rename_all = "snake_case")]
pub(super) enum DirectionWord {
    In,
    Out,
}

#[derive(Clone, Copy, Serialize, ToSchema)]
#[schema(as = FrameMessageType)]
#[serde(rename_all = "snake_case")]
pub(super) enum MessageTypeWord {
    Call,
    Result,
    Error,
    /// It could not be read.
    Invalid,
    /// It never came: stands where the answer to an order should be.
    Missing,
}

#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[schema(as = FrameOutcome)]
#[serde(rename_all = "snake_case")]
pub(super) enum OutcomeWord {
    Accepted,
    /// A result with another status than an acceptance.
    Rejected,
    Error,
    TimedOut,
    /// The socket closed before an answer came.
    Disconnected,
    Unreadable,
}

impl From<Frame> for FrameBody {
    fn from(frame: Frame) -> Self {
        Self {
            id: frame.id.into(),
            at: frame.at,
            charge_point_id: frame.charge_point.into(),
            identity: frame.identity,
            connection: frame.connection,
            direction: match frame.direction {
                Direction::In => DirectionWord::In,
                Direction::Out => DirectionWord::Out,
            },
            protocol: frame.protocol,
            message_type: match frame.message_type {
                MessageType::Call => MessageTypeWord::Call,
                MessageType::Result => MessageTypeWord::Result,
                MessageType::Error => MessageTypeWord::Error,
                MessageType::Invalid => MessageTypeWord::Invalid,
                MessageType::Missing => MessageTypeWord::Missing,
            },
            action: frame.action,
            message_id: frame.message_id,
            outcome: frame.outcome.map(|outcome| match outcome {
                Outcome::Accepted => OutcomeWord::Accepted,
                Outcome::Rejected => OutcomeWord::Rejected,
                Outcome::Error => OutcomeWord::Error,
                Outcome::TimedOut => OutcomeWord::TimedOut,
                Outcome::Disconnected => OutcomeWord::Disconnected,
                Outcome::Unreadable => OutcomeWord::Unreadable,
            }),
            frame: frame.text.kept,
            bytes: frame.text.bytes,
        }
    }
}

impl From<DirectionWord> for Direction {
    fn from(word: DirectionWord) -> Self {
        match word {
            DirectionWord::In => Self::In,
            DirectionWord::Out => Self::Out,
        }
    }
}

impl From<OutcomeWord> for Outcome {
    fn from(word: OutcomeWord) -> Self {
        match word {
            OutcomeWord::Accepted => Self::Accepted,
            OutcomeWord::Rejected => Self::Rejected,
            OutcomeWord::Error => Self::Error,
            OutcomeWord::TimedOut => Self::TimedOut,
            OutcomeWord::Disconnected => Self::Disconnected,
            OutcomeWord::Unreadable => Self::Unreadable,
        }
    }
}
