//! The contract of access, and what must hold while many change it at once.

use access::testing::contract;

use crate::{Fixture, on_both_engines};

on_both_engines!(keeps_the_contract);

async fn keeps_the_contract(fixture: &Fixture) {
    contract::holds(&*fixture.sea).await;
}
