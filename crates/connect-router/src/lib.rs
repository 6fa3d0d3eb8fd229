//! The way between charger protocols and domain commands.
//!
//! A gateway hands every call of a charger in as [`InboundCall`] and gets an [`Answer`]; commands
//! for chargers leave through [`ChargerLink`]. This crate knows protocol messages and domain
//! services; it does not know sockets, databases or brokers.

pub mod port;

pub use port::{
    Answer, CallErrorCode, ChargerLink, ConnectionEvents, ConnectionId, InboundCall, InboundCalls, LinkError,
    Protocol, RouterUnavailable,
};
