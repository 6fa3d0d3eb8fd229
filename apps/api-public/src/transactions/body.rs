//! A transaction as partners see it.

use chrono::{DateTime, Utc};
use kernel::{Soc, W};
use serde::Serialize;
use transaction::{Latest, Transaction, TransactionState};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::words::words;

#[derive(Serialize, ToSchema)]
#[schema(as = Transaction)]
pub(crate) struct TransactionBody {
    id: Uuid,
    charge_point_id: Uuid,
    depot_id: Uuid,
    /// Null where the charger named a connector that nobody knows.
    #[schema(required)]
    evse_id: Option<Uuid>,
    /// Counted over the whole charge point.
    connector_number: u16,
    #[schema(required)]
    vehicle_id: Option<Uuid>,
    state: StateWord,
    started_at: DateTime<Utc>,
    #[schema(required)]
    stopped_at: Option<DateTime<Utc>>,
    /// Delivered so far; never falls.
    energy_wh: i64,
    /// Whether something happened that may have made the energy wrong.
    energy_suspect: bool,
    #[schema(required)]
    soc_start_percent: Option<f64>,
    #[schema(required)]
    soc_end_percent: Option<f64>,
    /// The charger's word for why it ended.
    #[schema(required)]
    stop_reason: Option<String>,
    /// The newest reading while it runs.
    #[schema(required)]
    latest: Option<LatestBody>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = LatestReading)]
pub(crate) struct LatestBody {
    at: DateTime<Utc>,
    #[schema(required)]
    power_kw: Option<f64>,
    #[schema(required)]
    soc_percent: Option<f64>,
}

words! {
    StateWord as TransactionState for TransactionState {
        /// Reported, but refused: the charger is expected to end it at once.
        Pending,
        Active,
        /// Connected without energy flowing.
        Suspended,
        Finished,
        /// Ended without a stop.
        Abandoned,
    }
}

impl From<Transaction> for TransactionBody {
    fn from(transaction: Transaction) -> Self {
        Self {
            id: transaction.id.into(),
            charge_point_id: transaction.place.charge_point.into(),
            depot_id: transaction.place.depot.into(),
            evse_id: transaction.place.evse.map(Into::into),
            connector_number: transaction.place.connector,
            vehicle_id: transaction.vehicle.map(Into::into),
            state: transaction.state.into(),
            started_at: transaction.started_at,
            stopped_at: transaction.stopped_at,
            energy_wh: transaction.energy.get(),
            energy_suspect: transaction.flags.iter().any(|flag| flag.is_suspect()),
            soc_start_percent: transaction.soc_start.map(Soc::to_percent),
            soc_end_percent: transaction.soc_end.map(Soc::to_percent),
            stop_reason: transaction.stop_reason,
            latest: transaction.latest.map(LatestBody::from),
        }
    }
}

impl From<Latest> for LatestBody {
    fn from(latest: Latest) -> Self {
        Self {
            at: latest.at,
            power_kw: latest.power.map(W::to_kilo),
            soc_percent: latest.soc.map(Soc::to_percent),
        }
    }
}
