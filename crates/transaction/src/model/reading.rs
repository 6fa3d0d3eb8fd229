//! What a meter said at one instant.

use kernel::{ChargePointId, MilliAmps, OrganisationId, Soc, Timestamp, TransactionId, W, Wh};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// All that was measured at one connector at one instant, in one row. A reading is known by charge
/// point, connector, instant and context: sent again, it changes nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    pub id: Uuid,
    pub organisation: OrganisationId,
    pub charge_point: ChargePointId,
    /// Counted over the whole charge point; 0 is its main meter.
    pub connector: u16,
    /// `None` where no transaction was found.
    pub transaction: Option<TransactionId>,
    pub at: Timestamp,
    pub context: ReadingContext,
    /// The register of imported active energy.
    pub energy: Option<Wh>,
    /// Imported active power, over all phases.
    pub power: Option<W>,
    /// Of the most loaded phase.
    pub current: Option<MilliAmps>,
    /// What the charger offers the vehicle.
    pub offered: Option<W>,
    /// Between phase and neutral, in millivolts.
    pub voltage_millivolts: Option<i64>,
    pub soc: Option<Soc>,
    /// Whatever else was sent, by its own name.
    pub rest: Map<String, Value>,
}

/// Why a reading was taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadingContext {
    Begin,
    #[default]
    Periodic,
    /// At a full quarter of an hour or the like.
    Clock,
    Trigger,
    Interruption,
    End,
    Other,
}
