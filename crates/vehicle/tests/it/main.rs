//! The use cases of vehicles and id tags over the store in memory.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod vehicles;

use futures::executor::block_on;
use vehicle::testing::{FakeVehicles, contract};

#[test]
fn the_fake_keeps_the_contract() {
    block_on(contract::holds(&FakeVehicles::default()));
}
