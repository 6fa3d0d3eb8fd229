//! The public face of `charging`, held to its promises.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod allocation;
mod control;
mod outlook;
mod overrides;
mod plan;
