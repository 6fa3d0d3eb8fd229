//! Every frame that crossed a charger's socket, in both directions, to be searched afterwards.
//!
//! A gateway records frames as they pass ([`FrameRecorder`]): secrets are taken out before anything
//! is kept, and recording never waits for a store. From there they are carried on ([`FrameSink`])
//! until a store has them ([`FrameStore`]), where they stay for as long as the installation keeps
//! them. Every step may repeat: a frame's id makes it one entry. This crate does not know OCPP's
//! messages, sockets, brokers or tables.

pub mod error;
pub mod model;
pub mod outcome;
pub mod port;
pub mod redact;
pub mod service;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod writer;

pub use error::MessageLogError;
pub use model::{Direction, Frame, MessageType, Outcome, TEXT_LIMIT, Text};
pub use port::{FrameFilter, FrameRecorder, FrameSink, FrameStore, KeptFrame, NoRoom, PAGE_BYTES};
pub use service::{FrameQuery, MessageLogService};
pub use writer::FrameWriter;
