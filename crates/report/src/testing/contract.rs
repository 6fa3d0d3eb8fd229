//! What every adapter of a port must do, whatever it is made of.

#![expect(clippy::unwrap_used, reason = "a contract is a test: it fails by panicking")]

pub mod blobs;
pub mod index;
pub mod work;
