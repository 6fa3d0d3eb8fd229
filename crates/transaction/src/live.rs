//! What meters say now, for whoever watches: shared by all processes, and never the truth.
//!
//! It is noted after the readings are durable. Where it is gone, the store's latest readings of
//! open transactions are shown; they are as good, but for readings outside of transactions.

use async_trait::async_trait;
use kernel::{ChargePointId, MilliAmps, Soc, StoreError, Timestamp, W, Wh};
use serde::{Deserialize, Serialize};

use crate::model::MeterReport;

/// A connector's latest reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveReading {
    pub at: Timestamp,
    pub energy: Option<Wh>,
    pub power: Option<W>,
    pub current: Option<MilliAmps>,
    pub voltage_millivolts: Option<i64>,
    pub soc: Option<Soc>,
}

/// Whose reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LiveConnector {
    pub charge_point: ChargePointId,
    /// Counted over the whole charge point.
    pub connector: u16,
}

#[async_trait]
pub trait LiveReadings: Send + Sync {
    /// Notes readings; one that is older than what is known is left out.
    async fn live_note(&self, readings: &[(LiveConnector, LiveReading)]) -> Result<(), StoreError>;

    /// What is known of these charge points' connectors.
    async fn live_find(
        &self,
        charge_points: &[ChargePointId],
    ) -> Result<Vec<(LiveConnector, LiveReading)>, StoreError>;
}

impl From<&MeterReport> for LiveReading {
    fn from(report: &MeterReport) -> Self {
        Self {
            at: kernel::clock::to_micros(report.at),
            energy: report.energy,
            power: report.power,
            current: report.current,
            voltage_millivolts: report.voltage_millivolts,
            soc: report.soc,
        }
    }
}
