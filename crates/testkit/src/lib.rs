//! What integration tests of any crate share: temporary databases on both engines.

mod database;
#[cfg(feature = "issuer")]
pub mod issuer;
mod service;
#[cfg(feature = "tokens")]
pub mod tokens;
pub mod trail;

pub use database::TestDatabase;
pub use service::service;
