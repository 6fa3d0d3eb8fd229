//! What integration tests of any crate share: temporary databases on both engines.

mod database;
#[cfg(feature = "issuer")]
pub mod issuer;
mod service;

pub use database::TestDatabase;
pub use service::service;
