//! Calls that share a unit of work, and what one of them may do to the others: nothing.

use connect_router::{Answer, CallErrorCode, InboundCall};
use kernel::ChargePointId;
use serde_json::{Value, json};

use crate::rig::{Outcome, Rig, Trouble};

/// A call whose record is one event of its charger.
fn noticed(rig: &Rig, charger: ChargePointId, detail: &str) -> InboundCall {
    let payload = json!({"type": "Tamper", "timestamp": "2026-03-02T08:00:00Z", "techInfo": detail});
    rig.call(charger, "SecurityEventNotification", &payload)
}

fn result(outcome: &Outcome) -> Option<&Value> {
    match outcome {
        Ok(Answer::Result(value)) => Some(value),
        _ => None,
    }
}

fn refused(outcome: &Outcome) -> Option<CallErrorCode> {
    match outcome {
        Ok(Answer::Error { code, .. }) => Some(*code),
        _ => None,
    }
}

#[test]
fn calls_of_many_chargers_share_a_commit() {
    let rig = Rig::new();
    let chargers: Vec<_> = (0..50).map(|n| rig.charger(&format!("CP-{n}"))).collect();
    let outcomes = rig.handle(chargers.iter().map(|charger| noticed(&rig, *charger, "one")).collect());
    assert!(outcomes.iter().all(|outcome| result(outcome) == Some(&json!({}))), "{outcomes:?}");
    assert_eq!(rig.store.commits(), 1);
    for charger in chargers {
        assert_eq!(rig.store.events(charger).len(), 1);
    }
}

#[test]
fn calls_of_one_charger_keep_their_order() {
    let rig = Rig::new();
    let charger = rig.charger("CP-1");
    rig.handle((0..300).map(|n| noticed(&rig, charger, &n.to_string())).collect());
    let details: Vec<_> =
        rig.store.events(charger).iter().map(|event| event.data["detail"].clone()).collect();
    assert_eq!(details, (0..300).map(|n| json!(n.to_string())).collect::<Vec<_>>());
}

#[test]
fn poison_harms_nobody_but_itself() {
    let rig = Rig::new();
    let chargers: Vec<_> = (0..10).map(|n| rig.charger(&format!("CP-{n}"))).collect();
    rig.store.poison(Some(chargers[4]));
    let calls: Vec<_> = chargers.iter().map(|charger| noticed(&rig, *charger, "one")).collect();
    let poison = calls[4].clone();
    let outcomes = rig.handle(calls);
    for (n, outcome) in outcomes.iter().enumerate() {
        let others = n != 4;
        assert_eq!(result(outcome).is_some(), others, "{n}: {outcome:?}");
        assert_eq!(rig.store.events(chargers[n]).len(), usize::from(others), "{n}");
    }
    assert_eq!(refused(&outcomes[4]), Some(CallErrorCode::InternalError));
    let letters = rig.store.letters();
    assert_eq!(letters.len(), 1);
    let letter = &letters[0];
    assert_eq!((letter.charge_point, &letter.message_id), (chargers[4], &poison.message_id));
    assert_eq!((&*letter.action, &*letter.payload), (&*poison.action, poison.payload.get()));
    assert!(letter.reason.contains("this event cannot be stored"), "{}", letter.reason);
}

/// An error would make the charger send them for ever; they are kept.
#[test]
fn poison_about_transactions_is_kept_and_accepted() {
    let rig = Rig::new();
    let charger = rig.charger("CP-1");
    rig.store.poison(Some(charger));
    let status = json!({"connectorId": 1, "errorCode": "NoError", "status": "Faulted"});
    let stop =
        json!({"transactionId": -1, "meterStop": 10, "timestamp": "2026-03-02T08:00:00Z", "idTag": "T"});
    for (action, payload) in [("StatusNotification", status), ("StopTransaction", stop)] {
        let before = rig.store.letters().len();
        let outcomes = rig.handle(vec![rig.call(charger, action, &payload)]);
        assert_eq!(result(&outcomes[0]), Some(&json!({})), "{action}: {outcomes:?}");
        assert_eq!(rig.store.letters().len(), before + 1, "{action}");
    }
}

#[test]
fn a_store_that_is_away_poisons_nothing() {
    let rig = Rig::new();
    let charger = rig.charger("CP-1");
    rig.store.trouble(Trouble::Unavailable);
    let calls = || vec![noticed(&rig, charger, "one"), noticed(&rig, charger, "two")];
    assert!(rig.handle(calls()).iter().all(Result::is_err));
    rig.store.trouble(Trouble::None);
    assert!(rig.store.letters().is_empty() && rig.store.events(charger).is_empty());
    assert!(rig.handle(calls()).iter().all(|outcome| result(outcome).is_some()));
    assert_eq!(rig.store.events(charger).len(), 2);
}

#[test]
fn a_busy_store_poisons_nothing() {
    let rig = Rig::new();
    let charger = rig.charger("CP-1");
    rig.store.trouble(Trouble::Busy);
    let outcomes = rig.handle(vec![noticed(&rig, charger, "one")]);
    assert!(outcomes[0].is_err(), "{outcomes:?}");
    assert!(rig.store.letters().is_empty());
}

#[test]
fn what_cannot_be_understood_is_refused_and_kept() {
    let rig = Rig::new();
    let charger = rig.charger("CP-1");
    let outcomes = rig.handle(vec![
        rig.call(charger, "StartTransaction", &json!({"connectorId": "one", "meterStart": 0})),
        rig.call(charger, "StartTransaction", &json!({"connectorId": 1})),
        rig.call(charger, "Authorize", &json!([])),
        rig.call(charger, "MakeCoffee", &json!({})),
        rig.call(charger, "Heartbeat", &json!({})),
    ]);
    let codes: Vec<_> = outcomes.iter().map(refused).collect();
    assert_eq!(
        codes,
        [
            Some(CallErrorCode::TypeConstraintViolation),
            Some(CallErrorCode::OccurrenceConstraintViolation),
            Some(CallErrorCode::FormationViolation),
            Some(CallErrorCode::NotImplemented),
            None,
        ]
    );
    let kept: Vec<_> = rig.store.letters().into_iter().map(|letter| letter.action).collect();
    assert_eq!(kept, ["StartTransaction", "StartTransaction", "Authorize"]);
}
