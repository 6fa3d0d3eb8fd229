//! The embedded stand-ins for a broker and a cache: everything within one process.

mod bus;

pub use bus::EventBus;
