//! Alerts over a store in memory: how they rise and end, who is told of them and when.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod deliveries;
mod keeping;
mod operators;
mod rig;

use notification::testing::{FakeAlerts, contract};

#[tokio::test]
async fn the_fake_keeps_the_contract() {
    contract::holds(&FakeAlerts::default()).await;
}
