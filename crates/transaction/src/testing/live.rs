//! What every store of live readings must do.
#![expect(clippy::unwrap_used, reason = "a contract is a test: it fails by panicking")]

use kernel::{ChargePointId, Soc, W};

use super::minute;
use crate::live::{LiveConnector, LiveReading, LiveReadings};

/// Two charge points that nobody else writes to.
pub async fn live(store: &dyn LiveReadings, one: ChargePointId, two: ChargePointId) {
    let reading = |at: i64, watts: i64| LiveReading {
        at: minute(at),
        energy: None,
        power: Some(W(watts)),
        current: None,
        voltage_millivolts: Some(230_000),
        soc: Soc::from_percent(40.5),
    };
    let connector = |charge_point, connector| LiveConnector { charge_point, connector };
    let found = async |charge_points: &[ChargePointId]| {
        let mut found = store.live_find(charge_points).await.unwrap();
        found.sort_by_key(|(connector, _)| *connector);
        found
    };
    assert!(found(&[one, two]).await.is_empty());
    let first = (connector(one, 1), reading(5, 11_000));
    let second = (connector(one, 2), reading(5, 22_000));
    store.live_note(&[first, second]).await.unwrap();
    // Older news, and of a batch the newest of each.
    let newer = (connector(one, 2), reading(7, 3_000));
    store
        .live_note(&[(connector(one, 1), reading(4, 1)), (connector(one, 2), reading(6, 2)), newer])
        .await
        .unwrap();
    assert_eq!(found(&[one, two]).await, [first, newer]);
    assert!(found(&[two]).await.is_empty());
}
