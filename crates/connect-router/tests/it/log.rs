//! Messages that come by a log: each has its effects once, and only from the right place.

use connect_router::{Inbound, Item, Recorded, Stopped};
use futures::executor::block_on;
use kernel::{Advance, ChargePointId, Track};
use serde_json::json;

use crate::rig::{Rig, Trouble};

fn track(partition: i32) -> Track {
    Track { consumer: "router", topic: "inbound".to_owned(), partition }
}

/// A message at an offset that leaves a trace.
fn noticed(rig: &Rig, charger: ChargePointId, partition: i32, offset: i64) -> Item {
    let payload = json!({"type": format!("At {offset}"), "timestamp": "2026-03-02T08:00:00Z"});
    Item {
        inbound: Inbound::Call(rig.call(charger, "SecurityEventNotification", &payload)),
        advance: Some(Advance { track: track(partition), from: offset, to: offset + 1 }),
    }
}

fn record(rig: &Rig, items: &[Item]) -> Recorded {
    block_on(rig.recording().record(items))
}

#[test]
fn a_log_read_twice_has_its_effects_once() {
    let rig = Rig::new();
    let charger = rig.charger("CP-1");
    let items: Vec<Item> = (5..8).map(|offset| noticed(&rig, charger, 0, offset)).collect();
    let first = record(&rig, &items);
    assert!(first.stopped.is_none() && first.answers.len() == 3, "{first:?}");
    let again = record(&rig, &items);
    assert!(matches!(again.stopped, Some(Stopped::Moved)) && again.answers.is_empty(), "{again:?}");
    assert_eq!(rig.store.events(charger).len(), 3);
    assert_eq!(rig.store.positions()[&track(0)], 8);
}

#[test]
fn each_partition_has_its_own_place() {
    let rig = Rig::new();
    let charger = rig.charger("CP-1");
    let mixed = [
        noticed(&rig, charger, 0, 0),
        noticed(&rig, charger, 1, 40),
        noticed(&rig, charger, 0, 1),
        noticed(&rig, charger, 1, 41),
    ];
    assert!(record(&rig, &mixed).stopped.is_none());
    assert_eq!((rig.store.positions()[&track(0)], rig.store.positions()[&track(1)]), (2, 42));
}

#[test]
fn poison_moves_its_place_along_and_nothing_else_suffers() {
    let rig = Rig::new();
    let (poisoned, healthy) = (rig.charger("CP-1"), rig.charger("CP-2"));
    rig.store.poison(Some(poisoned));
    let items = [noticed(&rig, healthy, 0, 0), noticed(&rig, poisoned, 0, 1), noticed(&rig, healthy, 0, 2)];
    let recorded = record(&rig, &items);
    assert!(recorded.stopped.is_none() && recorded.answers.len() == 3, "{recorded:?}");
    assert_eq!(rig.store.positions()[&track(0)], 3);
    assert_eq!(rig.store.letters().len(), 1);
    assert_eq!(rig.store.events(healthy).len(), 2);
}

#[test]
fn a_store_that_is_away_moves_nothing() {
    let rig = Rig::new();
    let charger = rig.charger("CP-1");
    rig.store.trouble(Trouble::Unavailable);
    let recorded = record(&rig, &[noticed(&rig, charger, 0, 0)]);
    assert!(matches!(recorded.stopped, Some(Stopped::Store(_))));
    assert!(rig.store.positions().is_empty() && rig.store.letters().is_empty());
}

#[test]
fn what_crosses_the_log_comes_out_as_it_went_in() {
    let rig = Rig::new();
    let charger = rig.charger("CP-1");
    let Item { inbound, .. } = noticed(&rig, charger, 0, 0);
    let text = serde_json::to_string(&inbound).unwrap();
    let back: Inbound = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string(&back).unwrap(), text);
    assert!(text.contains("\"ocpp1.6\""), "{text}");
}

#[test]
fn an_answer_at_once_is_the_answer_of_the_record() {
    let rig = Rig::new();
    let charger = rig.charger("CP-1");
    let calls = [
        ("Heartbeat", json!({})),
        ("StatusNotification", json!({"connectorId": 1, "status": "Available", "errorCode": "NoError"})),
        ("MeterValues", json!({"connectorId": 1, "meterValue": []})),
        ("StopTransaction", json!({"transactionId": 1, "meterStop": 5, "timestamp": "2026-03-02T08:00:00Z"})),
        ("StopTransaction", json!({"transactionId": "one"})),
        ("DataTransfer", json!({"vendorId": "somebody"})),
        ("Unheard", json!({})),
    ];
    for (action, payload) in calls {
        let call = rig.call(charger, action, &payload);
        let at_once = connect_router::at_once(&call, kernel::Clock::now(&*rig.clock)).unwrap();
        let recorded = record(&rig, &[Item { inbound: Inbound::Call(call), advance: None }]);
        assert_eq!(recorded.answers, [at_once], "{action}");
    }
    for (action, payload) in [
        ("BootNotification", json!({"chargePointVendor": "V", "chargePointModel": "M"})),
        ("Authorize", json!({"idTag": "T"})),
        (
            "StartTransaction",
            json!({"connectorId": 1, "idTag": "T", "meterStart": 0, "timestamp": "2026-03-02T08:00:00Z"}),
        ),
    ] {
        let call = rig.call(charger, action, &payload);
        assert!(connect_router::at_once(&call, kernel::Clock::now(&*rig.clock)).is_none(), "{action}");
    }
}
