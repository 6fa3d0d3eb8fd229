//! OCPP 1.6: tolerant in what is read, strict in what is written.
//!
//! Chargers in the field leave out what is required, add what is unknown, write numbers as texts
//! and times without a zone. What can be understood is; the rest is refused with the error code
//! that the specification gives.

mod call;
mod meter_values;
mod order;
mod reply;
mod wire;

pub use call::{Refusal, read};
pub use order::{Order, outcome, write};
pub use reply::reply;
