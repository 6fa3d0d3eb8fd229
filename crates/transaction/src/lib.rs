//! Charging transactions and their readings, recorded without loss.
//!
//! A transaction is one delivery of energy at one connector. What chargers report may come twice,
//! late, out of order, or about things nobody told us of; [`Recorder`] takes all of it inside the
//! caller's unit of work and keeps one truth: a natural key finds the transaction that a repeated
//! start already made, the first stop counts, readings are kept whether or not their transaction
//! is known, and energy never falls. This crate does not know protocols, prices or setpoints.

pub mod error;
pub mod event;
pub mod live;
pub mod model;
pub mod port;
pub mod service;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use error::TransactionError;
pub use live::{LiveConnector, LiveReading, LiveReadings};
pub use model::{
    Flag, Latest, MeterReport, Metering, OpenSession, QUARTER, Quarter, QuarterSums, Reading, ReadingContext,
    StartReport, StopOrder, StopReport, Transaction, TransactionNumber, TransactionPlace, TransactionState,
    quarter_of, quarters,
};
pub use port::{
    HasStopOrders, HasTransactions, MeteredConnector, OpenSessionReader, QuarterPlace, QuarterStore,
    ReadingUpkeep, SessionWork, StopOrders, TransactionFilter, TransactionReader, TransactionRepository,
    TransactionTx,
};
pub use service::{Quarters, Recorder, Started, Stopped, TransactionService};
