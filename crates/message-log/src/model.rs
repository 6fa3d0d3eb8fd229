//! One frame, as it is kept.

use kernel::{ChargePointId, FrameId, OrganisationId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::redact::redacted;

/// How much of a frame's text is kept, in bytes: what any document store takes as one entry.
pub const TEXT_LIMIT: usize = 256 * 1024;
/// The same for the text as it crosses a topic, where some characters are written as up to six.
const WRITTEN_LIMIT: usize = 2 * TEXT_LIMIT;

/// A frame that crossed a charger's socket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// Given when it crossed: carried on twice, it is still one entry.
    pub id: FrameId,
    pub organisation: OrganisationId,
    pub charge_point: ChargePointId,
    /// The name the charger connected with.
    pub identity: String,
    /// Which socket of the charger; a later one has a higher number.
    pub connection: i64,
    pub direction: Direction,
    pub at: Timestamp,
    /// The WebSocket subprotocol, as in `ocpp1.6`.
    pub protocol: String,
    pub message_type: MessageType,
    /// What is asked or answered; `None` where nobody knows what a frame is about.
    pub action: Option<String>,
    /// What a call and its answer share; `None` where it cannot be read.
    pub message_id: Option<String>,
    /// How it went; `None` for calls, whose answers say so.
    pub outcome: Option<Outcome>,
    pub text: Text,
}

/// Seen from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From the charger.
    In,
    /// To the charger.
    Out,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageType {
    Call,
    Result,
    Error,
    /// It could not be read.
    Invalid,
    /// It never came: stands where the answer to a call of ours should be.
    Missing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Accepted,
    /// A result with another status than an acceptance.
    Rejected,
    /// CALLERROR.
    Error,
    /// No answer came in time.
    TimedOut,
    /// The socket closed before an answer came.
    Disconnected,
    /// The frame could not be read.
    Unreadable,
}

/// The text of a frame without its secrets, and how large the frame was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    pub kept: String,
    /// Bytes that crossed the socket.
    pub bytes: u64,
}

impl Text {
    /// Takes secrets out of a frame, then cuts it to [`TEXT_LIMIT`].
    pub fn of(frame: &str) -> Self {
        let mut kept = redacted(frame).into_owned();
        if let Some(end) = cut(&kept) {
            kept.truncate(end);
        }
        Self { kept, bytes: frame.len() as u64 }
    }

    /// Of a frame that is no text.
    pub fn none(bytes: usize) -> Self {
        Self { kept: String::new(), bytes: bytes as u64 }
    }
}

/// Where a text has to end; `None` where it may stay whole.
fn cut(text: &str) -> Option<usize> {
    if text.len() <= WRITTEN_LIMIT / 6 {
        return None;
    }
    let mut written = 0;
    text.char_indices().find_map(|(at, c)| {
        written += match c {
            '"' | '\\' => 2,
            c if c.is_ascii_control() => 6,
            c => c.len_utf8(),
        };
        (at + c.len_utf8() > TEXT_LIMIT || written > WRITTEN_LIMIT).then_some(at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_fits_however_it_is_written() {
        for (text, kept) in [
            ("x".repeat(TEXT_LIMIT), TEXT_LIMIT),
            ("x".repeat(TEXT_LIMIT + 1), TEXT_LIMIT),
            ("\"".repeat(TEXT_LIMIT), TEXT_LIMIT),
            ("\u{1}".repeat(TEXT_LIMIT), WRITTEN_LIMIT / 6),
        ] {
            let text = Text::of(&text);
            assert_eq!(text.kept.len(), kept);
            assert!(serde_json::to_string(&text.kept).unwrap().len() <= WRITTEN_LIMIT + 2);
        }
    }

    #[test]
    fn a_long_frame_is_cut_between_characters_and_says_how_long_it_was() {
        let frame = format!("[2,\"1\",\"X\",\"a{}\"]", "é".repeat(TEXT_LIMIT));
        let text = Text::of(&frame);
        assert!(text.kept.len() <= TEXT_LIMIT && text.kept.len() > TEXT_LIMIT - 4);
        assert!(frame.starts_with(&text.kept));
        assert_eq!(text.bytes, frame.len() as u64);
    }

    #[test]
    fn a_frame_comes_back_from_the_topic_as_it_went() {
        let ids = kernel::testing::CountingIds::default();
        let frame = crate::testing::frame(&ids);
        let written = serde_json::to_string(&frame).unwrap();
        assert_eq!(serde_json::from_str::<Frame>(&written).unwrap(), frame);
    }
}
