//! The level that holds, and the use cases of priority over the store in memory.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod effective;
mod order;
mod use_cases;

use futures::executor::block_on;
use priority::testing::{FakePriorities, contract};

#[test]
fn the_fake_keeps_the_contract() {
    block_on(contract::holds(&FakePriorities::default()));
}
