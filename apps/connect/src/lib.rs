//! The gateway that chargers connect to: sockets only.
//!
//! It lets a charger in, keeps one call in flight per direction, hands calls to the router and
//! answers when they are durable, and carries orders back. It knows the envelope of OCPP-J, not
//! its messages. A later socket of a charger replaces the earlier one; every socket has a
//! generation, so that late news about an old one changes nothing.

mod admission;
mod dispatch;
mod envelope;
mod frames;
mod gateway;
mod link;
mod presence;
mod server;
mod session;

pub use gateway::{Gateway, Parts};
pub use presence::Presence;
pub use server::{Started, start};
