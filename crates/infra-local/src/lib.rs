//! The embedded stand-ins for a broker and a cache: everything within one process; and the journal
//! that frames wait in on the gateway's machine; and files in a folder, with links to them.

mod blobs;
mod bus;
mod journal;
mod leases;
mod live;
mod quotas;

pub use blobs::FileBlobs;
pub use bus::EventBus;
pub use journal::FrameJournal;
pub use leases::MemoryLeases;
pub use live::MemoryLive;
pub use quotas::MemoryQuotas;
