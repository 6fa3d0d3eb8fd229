//! What chargers report, in no protocol's words.

use std::collections::BTreeSet;

use kernel::{MilliAmps, Soc, Timestamp, VehicleId, W, Wh};
use serde_json::{Map, Value};

use super::{
    reading::ReadingContext,
    transaction::{Flag, TransactionNumber, TransactionPlace},
};

/// A transaction has begun.
#[derive(Clone, Debug)]
pub struct StartReport {
    pub place: TransactionPlace,
    pub id_tag: Option<String>,
    pub vehicle: Option<VehicleId>,
    pub at: Timestamp,
    pub meter_start: Wh,
    /// Whether the charger is told to refuse: such a start never ends another transaction.
    pub refused: bool,
    /// What is remarkable already.
    pub flags: BTreeSet<Flag>,
}

/// What a meter said at one instant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MeterReport {
    pub at: Timestamp,
    pub context: ReadingContext,
    pub energy: Option<Wh>,
    pub power: Option<W>,
    pub current: Option<MilliAmps>,
    pub offered: Option<W>,
    pub voltage_millivolts: Option<i64>,
    pub soc: Option<Soc>,
    pub rest: Map<String, Value>,
}

/// A transaction has ended.
#[derive(Clone, Debug)]
pub struct StopReport {
    pub number: TransactionNumber,
    pub id_tag: Option<String>,
    pub at: Timestamp,
    pub meter_stop: Wh,
    pub reason: Option<String>,
    /// Readings that were kept back until now.
    pub readings: Vec<MeterReport>,
}
