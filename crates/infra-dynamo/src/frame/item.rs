//! How a frame becomes an item, and an item a frame.

use aws_sdk_dynamodb::types::AttributeValue;
use chrono::DateTime;
use kernel::{StoreError, Timestamp};
use message_log::{Direction, Frame, KeptFrame, MessageType, Outcome, Text};
use uuid::Uuid;

use super::layout::{Bucket, hour, log, place, shard};
use crate::write::Item;

pub(super) fn write(kept: &KeptFrame) -> Item {
    let frame = &kept.frame;
    let mut item = Item::with_capacity(18);
    let mut text = |name: &str, value: String| item.insert(name.to_owned(), AttributeValue::S(value));
    text("log", log(frame.organisation, frame.charge_point, Bucket::day(frame.at)));
    text("place", place(frame.at, frame.id));
    text("hour", hour(frame.organisation, Bucket::hour(frame.at), shard(frame.id)));
    text("id", frame.id.to_string());
    text("organisation", frame.organisation.to_string());
    text("charge_point", frame.charge_point.to_string());
    text("identity", frame.identity.clone());
    text("direction", direction(frame.direction).to_owned());
    text("protocol", frame.protocol.clone());
    text("message_type", message_type(frame.message_type).to_owned());
    text("text", frame.text.kept.clone());
    let optional = [
        ("action", frame.action.as_deref()),
        ("message_id", frame.message_id.as_deref()),
        ("outcome", frame.outcome.map(outcome)),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            text(name, value.to_owned());
        }
    }
    let mut number = |name: &str, value: String| item.insert(name.to_owned(), AttributeValue::N(value));
    number("at", frame.at.timestamp_micros().to_string());
    number("connection", frame.connection.to_string());
    number("bytes", frame.text.bytes.to_string());
    if let Some(expires_at) = kept.expires_at {
        number("expires", expires(expires_at).to_string());
    }
    item
}

/// The second from which on an item has expired: not before its time.
fn expires(at: Timestamp) -> i64 {
    at.timestamp() + i64::from(at.timestamp_subsec_micros() > 0)
}

pub(super) fn read(item: &Item) -> Result<Frame, StoreError> {
    let read = Attributes(item);
    let at = DateTime::from_timestamp_micros(read.number("at")?).ok_or_else(|| unreadable("at"))?;
    Ok(Frame {
        id: read.id("id")?.into(),
        organisation: read.id("organisation")?.into(),
        charge_point: read.id("charge_point")?.into(),
        identity: read.text("identity")?.to_owned(),
        connection: read.number("connection")?,
        direction: one_of("direction", read.text("direction")?, &DIRECTIONS, direction)?,
        at,
        protocol: read.text("protocol")?.to_owned(),
        message_type: one_of("message_type", read.text("message_type")?, &MESSAGE_TYPES, message_type)?,
        action: read.optional("action").map(str::to_owned),
        message_id: read.optional("message_id").map(str::to_owned),
        outcome: read
            .optional("outcome")
            .map(|word| one_of("outcome", word, &OUTCOMES, outcome))
            .transpose()?,
        text: Text { kept: read.text("text")?.to_owned(), bytes: read.number("bytes")? },
    })
}

struct Attributes<'a>(&'a Item);

impl<'a> Attributes<'a> {
    fn optional(&self, name: &str) -> Option<&'a str> {
        self.0.get(name)?.as_s().ok().map(String::as_str)
    }

    fn text(&self, name: &str) -> Result<&'a str, StoreError> {
        self.optional(name).ok_or_else(|| unreadable(name))
    }

    fn id(&self, name: &str) -> Result<Uuid, StoreError> {
        self.text(name)?.parse().map_err(|_| unreadable(name))
    }

    fn number<T: std::str::FromStr>(&self, name: &str) -> Result<T, StoreError> {
        let number = self.0.get(name).and_then(|value| value.as_n().ok()?.parse().ok());
        number.ok_or_else(|| unreadable(name))
    }
}

fn unreadable(name: &str) -> StoreError {
    StoreError::corrupt(format!("`{name}` of a frame"))
}

const DIRECTIONS: [Direction; 2] = [Direction::In, Direction::Out];
const MESSAGE_TYPES: [MessageType; 5] =
    [MessageType::Call, MessageType::Result, MessageType::Error, MessageType::Invalid, MessageType::Missing];
const OUTCOMES: [Outcome; 6] = [
    Outcome::Accepted,
    Outcome::Rejected,
    Outcome::Error,
    Outcome::TimedOut,
    Outcome::Disconnected,
    Outcome::Unreadable,
];

fn one_of<T: Copy>(
    name: &str,
    word: &str,
    all: &[T],
    written: impl Fn(T) -> &'static str,
) -> Result<T, StoreError> {
    all.iter().copied().find(|value| written(*value) == word).ok_or_else(|| unreadable(name))
}

pub(super) const fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::In => "in",
        Direction::Out => "out",
    }
}

const fn message_type(message_type: MessageType) -> &'static str {
    match message_type {
        MessageType::Call => "call",
        MessageType::Result => "result",
        MessageType::Error => "error",
        MessageType::Invalid => "invalid",
        MessageType::Missing => "missing",
    }
}

pub(super) const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Accepted => "accepted",
        Outcome::Rejected => "rejected",
        Outcome::Error => "error",
        Outcome::TimedOut => "timed_out",
        Outcome::Disconnected => "disconnected",
        Outcome::Unreadable => "unreadable",
    }
}

#[cfg(test)]
mod tests {
    use kernel::testing::CountingIds;

    use super::*;

    #[test]
    fn every_word_is_read_back() {
        let frame = message_log::testing::frame(&CountingIds::default());
        for direction in DIRECTIONS {
            for message_type in MESSAGE_TYPES {
                for outcome in OUTCOMES.map(Some).into_iter().chain([None]) {
                    let frame = Frame { direction, message_type, outcome, ..frame.clone() };
                    let item = write(&KeptFrame { frame: frame.clone(), expires_at: None });
                    assert_eq!(read(&item).unwrap(), frame);
                }
            }
        }
        assert!(read(&Item::new()).is_err());
    }
}
