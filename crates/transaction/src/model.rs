//! What a transaction, a reading and a charger's reports about them are.

mod meter;
mod reading;
mod report;
mod transaction;

pub use reading::{Reading, ReadingContext};
pub use report::{MeterReport, StartReport, StopReport};
pub use transaction::{
    Flag, Latest, Metering, OpenSession, StopOrder, Transaction, TransactionNumber, TransactionPlace,
    TransactionState,
};
