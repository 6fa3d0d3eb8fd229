//! The conventions of every server, over a real router.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod conventions;
mod idempotency;
mod server;
