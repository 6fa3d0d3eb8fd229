//! Live readings within one process.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use kernel::{ChargePointId, StoreError};
use transaction::{LiveConnector, LiveReading, LiveReadings};

/// Live readings kept in memory: one for each connector there is. Clones share them.
#[derive(Clone, Default)]
pub struct MemoryLive(Arc<Mutex<BTreeMap<LiveConnector, LiveReading>>>);

#[async_trait]
impl LiveReadings for MemoryLive {
    async fn live_note(&self, readings: &[(LiveConnector, LiveReading)]) -> Result<(), StoreError> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (connector, reading) in readings {
            if known.get(connector).is_none_or(|known| known.at <= reading.at) {
                known.insert(*connector, *reading);
            }
        }
        Ok(())
    }

    async fn live_find(
        &self,
        charge_points: &[ChargePointId],
    ) -> Result<Vec<(LiveConnector, LiveReading)>, StoreError> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of = |charge_point: &ChargePointId| {
            let first = LiveConnector { charge_point: *charge_point, connector: 0 };
            let last = LiveConnector { charge_point: *charge_point, connector: u16::MAX };
            known.range(first..=last).map(|(connector, reading)| (*connector, *reading)).collect::<Vec<_>>()
        };
        Ok(charge_points.iter().flat_map(of).collect())
    }
}

#[cfg(test)]
mod tests {
    use kernel::{IdSource, testing::CountingIds};

    use super::*;

    #[tokio::test]
    async fn they_are_live_readings() {
        let ids = CountingIds::default();
        transaction::testing::live::live(&MemoryLive::default(), ids.uuid().into(), ids.uuid().into()).await;
    }
}
