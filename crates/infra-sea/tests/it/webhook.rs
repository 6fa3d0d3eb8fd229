//! The contract of webhooks.

use notification::testing::webhook_contract;

use crate::{Fixture, on_both_engines};

on_both_engines!(keeps_the_contract);

async fn keeps_the_contract(fixture: &Fixture) {
    webhook_contract::holds(&*fixture.sea).await;
}
