//! Tokens of real issuers on this machine.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod fixture;
mod independent;
mod keys;
mod tokens;
