//! Kafka itself, asked through the ports.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod events;
mod frames;
mod rig;
mod routing;
