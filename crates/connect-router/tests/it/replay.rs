//! Dead letters that are tried once more.

use std::sync::Arc;

use connect_router::{DeadLetterError, DeadLetterService};
use futures::executor::block_on;
use kernel::{ChargePointId, Scope};
use serde_json::json;

use crate::rig::{Rig, Trouble};

/// A rig with one dead letter, whose cause lasts.
fn with_letter() -> (Rig, ChargePointId) {
    let rig = Rig::new();
    let charger = rig.charger("CP-1");
    rig.store.poison(Some(charger));
    let payload = json!({"type": "Tamper", "timestamp": "2026-03-02T08:00:00Z"});
    rig.handle(vec![rig.call(charger, "SecurityEventNotification", &payload)]);
    assert_eq!(rig.store.letters().len(), 1);
    (rig, charger)
}

fn replay(rig: &Rig) -> Result<(), DeadLetterError> {
    let store = Arc::new(rig.store.clone());
    let service = DeadLetterService::new(store, rig.handler(), rig.clock.clone(), rig.ids.clone());
    let (scope, id) = (Scope::system(rig.organisation), rig.store.letters()[0].id);
    block_on(service.dead_letter_replay(&scope, id))
}

#[test]
fn a_letter_whose_cause_is_gone_is_recorded_and_removed() {
    let (rig, charger) = with_letter();
    rig.store.poison(None);
    replay(&rig).unwrap();
    assert!(rig.store.letters().is_empty());
    assert_eq!(rig.store.events(charger).len(), 1);
}

#[test]
fn a_letter_whose_cause_lasts_stays_the_only_one() {
    let (rig, charger) = with_letter();
    assert!(matches!(replay(&rig), Err(DeadLetterError::StillDead(_))));
    assert_eq!(rig.store.letters().len(), 1);
    assert!(rig.store.events(charger).is_empty());
}

#[test]
fn a_letter_outlives_a_store_that_is_away() {
    let (rig, _) = with_letter();
    rig.store.trouble(Trouble::Unavailable);
    assert!(matches!(replay(&rig), Err(DeadLetterError::Store(_))));
    rig.store.trouble(Trouble::None);
    assert_eq!(rig.store.letters().len(), 1);
}
