//! The whole product, over real sockets and a real database.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod alerts;
mod cluster;
mod documents;
mod migrate;
mod python_charger;
mod raw_charger;
mod restart;
mod sessions;
mod steering;
mod whole;
