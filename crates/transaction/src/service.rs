//! The use cases of this domain.

mod recorder;
mod stopping;
mod transactions;

pub use recorder::{Recorder, Started};
pub use stopping::Stopped;
pub use transactions::TransactionService;
