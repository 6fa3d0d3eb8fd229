//! The use cases of this domain.

mod quarters;
mod recorder;
mod stopping;
mod transactions;

pub use quarters::Quarters;
pub use recorder::{Recorder, Started};
pub use stopping::Stopped;
pub use transactions::TransactionService;
