//! A transaction as callers see it.

use chrono::{DateTime, Utc};
use kernel::{MilliAmps, Soc, W};
use serde::{Deserialize, Serialize};
use transaction::{Flag, Latest, Transaction, TransactionState};
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Serialize, ToSchema)]
#[schema(as = Transaction)]
pub(crate) struct TransactionBody {
    id: Uuid,
    /// The number by which the charger knows it.
    ocpp_transaction_id: i32,
    charge_point_id: Uuid,
    depot_id: Uuid,
    /// Null where the charger named a connector that could not be taken up.
    #[schema(required)]
    evse_id: Option<Uuid>,
    evse_number: u16,
    /// Counted over the whole charge point.
    connector_number: u16,
    #[schema(required)]
    id_tag: Option<String>,
    #[schema(required)]
    vehicle_id: Option<Uuid>,
    state: StateWord,
    started_at: DateTime<Utc>,
    #[schema(required)]
    stopped_at: Option<DateTime<Utc>>,
    meter_start_wh: i64,
    #[schema(required)]
    meter_stop_wh: Option<i64>,
    /// Delivered so far; never falls.
    energy_wh: i64,
    #[schema(required)]
    soc_start_percent: Option<f64>,
    #[schema(required)]
    soc_end_percent: Option<f64>,
    /// The charger's word for why it ended.
    #[schema(required)]
    stop_reason: Option<String>,
    /// What is remarkable about it.
    flags: Vec<FlagWord>,
    /// Whether a flag says that the energy may be wrong.
    suspect: bool,
    /// The newest reading while it runs.
    #[schema(required)]
    latest: Option<LatestBody>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct LatestBody {
    at: DateTime<Utc>,
    #[schema(required)]
    power_kw: Option<f64>,
    /// Of the most loaded phase.
    #[schema(required)]
    current_amps: Option<f64>,
    #[schema(required)]
    soc_percent: Option<f64>,
}

#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[schema(as = TransactionState)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StateWord {
    /// Reported, but refused: the charger is expected to end it at once.
    Pending,
    Active,
    /// Connected without energy flowing.
    Suspended,
    Finished,
    /// Ended without a stop.
    Abandoned,
}

#[derive(Clone, Copy, Serialize, ToSchema)]
#[schema(as = TransactionFlag)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FlagWord {
    UnknownTag,
    RefusedTag,
    UnknownConnector,
    UnknownStart,
    Replaced,
    LateStart,
    GuessedStop,
    MeterReset,
    MeterJump,
    MeterStopBelowStart,
}

impl From<Transaction> for TransactionBody {
    fn from(transaction: Transaction) -> Self {
        Self {
            id: transaction.id.into(),
            ocpp_transaction_id: transaction.number.0,
            charge_point_id: transaction.place.charge_point.into(),
            depot_id: transaction.place.depot.into(),
            evse_id: transaction.place.evse.map(Into::into),
            evse_number: transaction.place.evse_number,
            connector_number: transaction.place.connector,
            id_tag: transaction.id_tag,
            vehicle_id: transaction.vehicle.map(Into::into),
            state: transaction.state.into(),
            started_at: transaction.started_at,
            stopped_at: transaction.stopped_at,
            meter_start_wh: transaction.meter_start.get(),
            meter_stop_wh: transaction.meter_stop.map(kernel::Wh::get),
            energy_wh: transaction.energy.get(),
            soc_start_percent: transaction.soc_start.map(Soc::to_percent),
            soc_end_percent: transaction.soc_end.map(Soc::to_percent),
            stop_reason: transaction.stop_reason,
            suspect: transaction.flags.iter().any(|flag| flag.is_suspect()),
            flags: transaction.flags.into_iter().map(FlagWord::from).collect(),
            latest: transaction.latest.map(LatestBody::from),
        }
    }
}

impl From<Latest> for LatestBody {
    fn from(latest: Latest) -> Self {
        Self {
            at: latest.at,
            power_kw: latest.power.map(W::to_kilo),
            current_amps: latest.current.map(MilliAmps::to_kilo),
            soc_percent: latest.soc.map(Soc::to_percent),
        }
    }
}

impl From<TransactionState> for StateWord {
    fn from(state: TransactionState) -> Self {
        match state {
            TransactionState::Pending => Self::Pending,
            TransactionState::Active => Self::Active,
            TransactionState::Suspended => Self::Suspended,
            TransactionState::Finished => Self::Finished,
            TransactionState::Abandoned => Self::Abandoned,
        }
    }
}

impl From<StateWord> for TransactionState {
    fn from(word: StateWord) -> Self {
        match word {
            StateWord::Pending => Self::Pending,
            StateWord::Active => Self::Active,
            StateWord::Suspended => Self::Suspended,
            StateWord::Finished => Self::Finished,
            StateWord::Abandoned => Self::Abandoned,
        }
    }
}

impl From<Flag> for FlagWord {
    fn from(flag: Flag) -> Self {
        match flag {
            Flag::UnknownTag => Self::UnknownTag,
            Flag::RefusedTag => Self::RefusedTag,
            Flag::UnknownConnector => Self::UnknownConnector,
            Flag::UnknownStart => Self::UnknownStart,
            Flag::Replaced => Self::Replaced,
            Flag::LateStart => Self::LateStart,
            Flag::GuessedStop => Self::GuessedStop,
            Flag::MeterReset => Self::MeterReset,
            Flag::MeterJump => Self::MeterJump,
            Flag::MeterStopBelowStart => Self::MeterStopBelowStart,
        }
    }
}
