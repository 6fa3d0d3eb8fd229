//! The domain over its store in memory.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod any_order;
mod operators;
mod quarters;

use transaction::testing::{FakeTransactions, contract};

#[test]
fn the_fake_keeps_the_contract() {
    futures::executor::block_on(contract(&FakeTransactions::default()));
}
