//! One delivery of energy.

use std::collections::BTreeSet;

use kernel::{
    ChargePointId, CommandId, DepotId, EvseId, MilliAmps, OrganisationId, Soc, Timestamp, TransactionId,
    VehicleId, W, Wh,
};
use serde::{Deserialize, Serialize};

/// The number by which charger and backend speak of a transaction (OCPP 1.6 `transactionId`):
/// positive, given by the store, never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct TransactionNumber(pub i32);

impl TransactionNumber {
    /// Chargers write 0 or −1 for a transaction whose number they never learned.
    pub const fn is_known(self) -> bool {
        self.0 > 0
    }
}

/// A transaction.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Transaction {
    pub id: TransactionId,
    pub organisation: OrganisationId,
    pub number: TransactionNumber,
    pub place: TransactionPlace,
    /// As the charger sent it; `None` where it sent none.
    pub id_tag: Option<String>,
    pub vehicle: Option<VehicleId>,
    pub state: TransactionState,
    pub started_at: Timestamp,
    pub stopped_at: Option<Timestamp>,
    /// The meter's register at the start.
    pub meter_start: Wh,
    /// The meter's register at the end, as the charger sent it.
    pub meter_stop: Option<Wh>,
    /// Delivered so far. Never falls.
    pub energy: Wh,
    pub soc_start: Option<Soc>,
    pub soc_end: Option<Soc>,
    /// The charger's word for why it ended.
    pub stop_reason: Option<String>,
    pub flags: BTreeSet<Flag>,
    /// The newest reading.
    pub latest: Option<Latest>,
    pub metering: Metering,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// How energy is reckoned from a meter whose register may begin anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Metering {
    /// What was delivered before the register began anew.
    pub carried: Wh,
    /// The register from which energy is counted since then.
    pub base: Wh,
    /// The newest register and when it was read.
    pub register: Option<(Timestamp, Wh)>,
}

impl Transaction {
    pub fn is_open(&self) -> bool {
        matches!(
            self.state,
            TransactionState::Pending | TransactionState::Active | TransactionState::Suspended
        )
    }

    /// Whether something measured at an instant belongs to it by time.
    pub fn covers(&self, at: Timestamp) -> bool {
        self.started_at <= at && self.stopped_at.is_none_or(|end| at <= end)
    }
}

/// Where a transaction takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct TransactionPlace {
    pub charge_point: ChargePointId,
    pub depot: DepotId,
    /// `None` where the charger named a connector that could not be taken up.
    pub evse: Option<EvseId>,
    pub evse_number: u16,
    /// Counted over the whole charge point; 0 where the charger named none.
    pub connector: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransactionState {
    /// Reported, but refused: the charger is expected to end it at once.
    Pending,
    Active,
    /// Connected without energy flowing, by the vehicle's or the charger's wish.
    Suspended,
    Finished,
    /// Ended without a stop: something else began at its connector.
    Abandoned,
}

/// What is remarkable about a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// The tag that began it is not known.
    UnknownTag,
    /// The tag is known, but blocked or expired.
    RefusedTag,
    /// Its connector could not be taken up.
    UnknownConnector,
    /// A stop came for a transaction nobody had reported; what it says is kept here.
    UnknownStart,
    /// It was closed because another began at its connector.
    Replaced,
    /// Its start arrived after a later one at the same connector.
    LateStart,
    /// A stop without its number was taken to mean it.
    GuessedStop,
    /// Suspect: the meter's register fell; energy is counted on from there.
    MeterReset,
    /// Suspect: the register rose by more than any charger delivers in that time.
    MeterJump,
    /// Suspect: the stop names a register below the start.
    MeterStopBelowStart,
}

impl Flag {
    /// Whether the energy may be wrong.
    pub const fn is_suspect(self) -> bool {
        matches!(self, Self::MeterReset | Self::MeterJump | Self::MeterStopBelowStart)
    }
}

/// The newest reading of a transaction, for whoever watches it live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Latest {
    pub at: Timestamp,
    pub power: Option<W>,
    /// Of the most loaded phase.
    pub current: Option<MilliAmps>,
    pub soc: Option<Soc>,
}

/// The order to stop a transaction, as it waits for its charger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StopOrder {
    /// By which it can be followed.
    pub command: CommandId,
    pub charge_point: ChargePointId,
    pub number: TransactionNumber,
    pub requested_at: Timestamp,
}

/// An open transaction as the control of a depot sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenSession {
    pub transaction: TransactionId,
    pub number: TransactionNumber,
    pub place: TransactionPlace,
    pub vehicle: Option<VehicleId>,
    pub id_tag: Option<String>,
    pub state: TransactionState,
    pub started_at: Timestamp,
    pub energy: Wh,
    pub latest: Option<Latest>,
}

impl From<&Transaction> for OpenSession {
    fn from(transaction: &Transaction) -> Self {
        Self {
            transaction: transaction.id,
            number: transaction.number,
            place: transaction.place,
            vehicle: transaction.vehicle,
            id_tag: transaction.id_tag.clone(),
            state: transaction.state,
            started_at: transaction.started_at,
            energy: transaction.energy,
            latest: transaction.latest,
        }
    }
}
