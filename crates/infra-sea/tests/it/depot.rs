//! The contract of depots, their trees and their tariffs.

use depot::testing::contract;

use crate::{Fixture, on_both_engines};

on_both_engines!(keeps_the_contract);

async fn keeps_the_contract(fixture: &Fixture) {
    contract(&*fixture.sea).await;
}
