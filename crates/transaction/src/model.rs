//! What a transaction, a reading and a charger's reports about them are.

mod meter;
mod quarter;
mod reading;
mod report;
mod transaction;

pub use quarter::{QUARTER, Quarter, QuarterSums, quarter_of, quarters};
pub use reading::{Reading, ReadingContext};
pub use report::{MeterReport, StartReport, StopReport};
pub use transaction::{
    Flag, Latest, Metering, OpenSession, StopOrder, Transaction, TransactionNumber, TransactionPlace,
    TransactionState,
};
