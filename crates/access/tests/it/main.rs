//! The use cases of access over the store in memory.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod administration;
mod auth;
mod clients;
mod fixture;
mod foreign;

use access::testing::{FakeAccess, contract, contract_foreign};
use futures::executor::block_on;

#[test]
fn the_fake_keeps_the_contract() {
    block_on(contract::holds(&FakeAccess::default()));
    block_on(contract_foreign::holds(&FakeAccess::default()));
}
