//! The contract of transactions and readings.

use transaction::testing::contract;

use crate::{Fixture, on_both_engines};

on_both_engines!(keeps_the_contract);

async fn keeps_the_contract(fixture: &Fixture) {
    contract(&*fixture.sea).await;
}
