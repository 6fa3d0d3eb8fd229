//! The embedded stand-ins for a broker and a cache: everything within one process.

mod bus;
mod leases;
mod live;

pub use bus::EventBus;
pub use leases::MemoryLeases;
pub use live::MemoryLive;
