//! Transactions, their readings, and the order to stop one.

mod bulk;
mod quarter_entity;
mod quarters;
mod reader;
mod reading_entity;
mod repository;
mod stop_orders;
mod transaction_entity;

pub(crate) use bulk::Sessions;
