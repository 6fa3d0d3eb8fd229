//! Transactions, their readings, and the order to stop one.

mod bulk;
pub(crate) mod quarter_entity;
mod quarters;
mod reader;
mod reading_entity;
mod repository;
mod stop_orders;
pub(crate) mod transaction_entity;

pub(crate) use bulk::Sessions;
