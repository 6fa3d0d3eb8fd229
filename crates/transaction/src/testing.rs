//! For tests of any crate: a store in memory, builders, and the contract of the ports.

mod contract;
mod fake;
pub mod live;

use std::collections::BTreeSet;

use chrono::TimeDelta;
use kernel::{
    Clock, IdSource, Timestamp, Wh,
    testing::{CountingIds, FakeClock},
};

pub use contract::{Store, contract};
pub use fake::FakeTransactions;

use crate::model::{MeterReport, StartReport, StopReport, TransactionNumber, TransactionPlace};

/// Connector 1 of some charge point.
pub fn place(ids: &CountingIds) -> TransactionPlace {
    TransactionPlace {
        charge_point: ids.uuid().into(),
        depot: ids.uuid().into(),
        evse: Some(ids.uuid().into()),
        evse_number: 1,
        connector: 1,
    }
}

/// So many minutes after the clock's beginning.
pub fn minute(minutes: i64) -> Timestamp {
    FakeClock::default().now() + TimeDelta::minutes(minutes)
}

/// An accepted start with a register of 1,000 Wh.
pub fn start(place: TransactionPlace, minutes: i64) -> StartReport {
    StartReport {
        place,
        id_tag: Some("TAG-1".into()),
        vehicle: None,
        at: minute(minutes),
        meter_start: Wh(1_000),
        refused: false,
        flags: BTreeSet::new(),
    }
}

/// A register at an instant.
pub fn meter(minutes: i64, register: i64) -> MeterReport {
    MeterReport { at: minute(minutes), energy: Some(Wh(register)), ..MeterReport::default() }
}

pub fn stop(number: TransactionNumber, minutes: i64, register: i64) -> StopReport {
    StopReport {
        number,
        id_tag: None,
        at: minute(minutes),
        meter_stop: Wh(register),
        reason: Some("Local".into()),
        readings: Vec::new(),
    }
}
