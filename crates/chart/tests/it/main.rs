//! Buckets, thinning, every kind of chart over the store in memory, and the drawing.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod drawing;
mod grid;
mod kinds;
mod requests;
mod thinning;
mod world;

use chart::testing::{FakeCharts, contract};
use futures::executor::block_on;

#[test]
fn the_fake_keeps_the_contract() {
    let fake = FakeCharts::default();
    block_on(contract::holds(&fake, &fake));
}
