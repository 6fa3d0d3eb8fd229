//! The router over stores in memory: what is read, what shares a unit of work, what is set aside.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod batch;
mod log;
mod reading;
mod replay;
mod rig;
