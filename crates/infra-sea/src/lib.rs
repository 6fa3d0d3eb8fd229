//! The relational adapters: every domain's repositories and readers over sea-orm, on PostgreSQL
//! and on SQLite.
//!
//! [`Sea`] is the store, [`SeaTx`] one unit of work. A slice adds a folder here with its entities,
//! its repository (an implementation of the domain's port on [`SeaTx`]) and its reader (on
//! [`Sea`]). Nothing here knows HTTP, brokers or other infrastructure.

mod connect;
mod depot_lookup;
mod error;
mod idempotency;
mod kernel;
mod paging;
mod reach;
mod rows;
mod search;
mod unit;
mod word;

mod access;
mod charge_point;
mod charging;
mod chart;
mod dead_letter;
mod depot;
mod dispatch;
mod documents;
mod notification;
mod priority;
mod report;
mod resource_group;
mod transaction;
mod vehicle;

pub use connect::{Sea, SeaOptions};
pub use documents::SeaDocuments;
pub use unit::SeaTx;
