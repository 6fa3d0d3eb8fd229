//! The use cases of access over the store in memory.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod administration;
mod auth;
mod fixture;

use access::testing::{FakeAccess, contract};
use futures::executor::block_on;

#[test]
fn the_fake_keeps_the_contract() {
    block_on(contract::holds(&FakeAccess::default()));
}
