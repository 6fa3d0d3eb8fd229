//! Between charger protocols and the domains: calls in, orders out.
//!
//! A protocol version is read at the edge ([`ocpp16`]) into [`Message`]s that name no protocol;
//! the [`Handler`] records each through the domains' recorders inside one unit of work and says
//! what the charger is told; the [`Router`] puts the calls of many chargers into one unit of work
//! and answers when it is durable. What cannot be recorded is set aside with its reason
//! ([`dead_letter`]), never dropped. The [`Dispatcher`] carries orders the other way.
//!
//! This crate knows no sockets, no database and no async runtime.

pub mod batch;
pub mod dead_letter;
pub mod dispatch;
pub mod handle;
pub mod message;
pub mod ocpp16;
pub mod port;

pub use batch::{Router, RouterLoop, router};
pub use dead_letter::{
    DeadLetter, DeadLetterError, DeadLetterId, DeadLetterReader, DeadLetterRepository, DeadLetterService,
    DeadLetterTx, HasDeadLetters,
};
pub use dispatch::Dispatcher;
pub use handle::{Handler, Settings};
pub use message::{Message, Reply};
pub use port::{
    Answer, CallErrorCode, ChargerLink, ConnectionEvents, ConnectionId, InboundCall, InboundCalls, LinkError,
    Protocol, RouterTx, RouterUnavailable,
};
