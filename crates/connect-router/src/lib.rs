//! Between charger protocols and the domains: calls in, orders out.
//!
//! A protocol version is read at the edge ([`ocpp16`]) into [`Message`]s that name no protocol;
//! the [`Handler`] records each through the domains' recorders inside one unit of work and says
//! what the charger is told; the [`Recording`] puts the calls of many chargers into one unit of
//! work. Within one process the [`Router`] hands them over and answers when they are durable;
//! between processes a log does, and [`at_once`] says which answers need not wait for the record.
//! What cannot be recorded is set aside with its reason ([`dead_letter`]), never dropped. The
//! [`Dispatcher`] carries orders the other way, to the gateway that the [`registry`] names.
//!
//! This crate knows no sockets, no database and no async runtime.

pub mod at_once;
pub mod batch;
pub mod dead_letter;
pub mod dispatch;
pub mod handle;
pub mod inbound;
pub mod message;
pub mod ocpp16;
pub mod port;
pub mod record;
pub mod registry;

pub use at_once::at_once;
pub use batch::{Router, RouterLoop, router};
pub use dead_letter::{
    DEAD_LETTER_KEPT, DeadLetter, DeadLetterError, DeadLetterReader, DeadLetterRepository, DeadLetterService,
    DeadLetterTx, HasDeadLetters,
};
pub use dispatch::Dispatcher;
pub use handle::{Handler, Settings};
pub use inbound::{Closed, Inbound, Opened};
pub use message::{Message, Reply};
pub use port::{
    Answer, CallErrorCode, ChargerLink, ConnectionEvents, ConnectionId, InboundCall, InboundCalls, LinkError,
    Protocol, RouterTx, RouterUnavailable,
};
pub use record::{Item, Recorded, Recording, Stopped};
pub use registry::{GatewayAddress, OrderBell, Ring, Socket, SocketRegistry};
