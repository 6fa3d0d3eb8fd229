//! What integration tests of any crate share: temporary databases on both engines.

mod database;

pub use database::TestDatabase;
