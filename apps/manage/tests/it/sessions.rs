//! What went wrong elsewhere, each on a real socket: the faults found in the best of our peers.

use futures::future::join_all;
use serde_json::{Value, json};

use crate::{
    raw_charger::{RawCharger, reading, start, stop},
    whole::{Whole, until},
};

async fn one_charger() -> (Whole, String, String) {
    let whole = Whole::start().await;
    let (depot, _) = whole.depot(400.0).await;
    let charger = whole.charger(&depot, "CP-1").await;
    whole.tag("TAG-1").await;
    (whole, depot, charger)
}

fn number(started: &Value) -> i64 {
    started["transactionId"].as_i64().unwrap()
}

async fn transactions(whole: &Whole) -> Vec<Value> {
    whole.list("/transactions").await
}

/// 1. A reconnect, then the old socket closes: the new connection is forgotten.
#[tokio::test(flavor = "multi_thread")]
async fn a_late_close_does_not_remove_the_socket_that_replaced_it() {
    let (whole, _, charger) = one_charger().await;
    let mut old = RawCharger::connect(&whole.endpoint(), "CP-1").await;
    old.boot().await;
    let mut new = RawCharger::connect(&whole.endpoint(), "CP-1").await;
    new.boot().await;
    while old.frame().await.is_some() {}
    drop(old);
    let order =
        whole.post(&format!("/charge-points/{charger}/commands"), json!({"type": "clear_cache"})).await;
    new.order("ClearCache").await;
    let path = format!("/commands/{}", order["id"].as_str().unwrap());
    until("the order to end", || async { (whole.get(&path).await["state"] == "accepted").then_some(()) })
        .await;
    assert_eq!(whole.get(&format!("/charge-points/{charger}")).await["online"], json!(true));
    whole.stop().await;
}

/// 2. and 22. One offline session replayed in a burst: acknowledged, nothing stored, order lost.
#[tokio::test(flavor = "multi_thread")]
async fn an_offline_session_replayed_in_a_burst_is_stored_whole() {
    let (whole, _, _) = one_charger().await;
    let mut charger = RawCharger::connect(&whole.endpoint(), "CP-1").await;
    charger.boot().await;
    let mut calls = vec![charger.say("StartTransaction", start(1, "TAG-1", 1_000, 0)).await];
    for minute in 1..=20 {
        calls.push(
            charger.say("MeterValues", reading(1, None, 1_000 + i64::from(minute) * 100, minute)).await,
        );
    }
    calls.push(charger.say("StopTransaction", stop(-1, 3_000, 21)).await);
    for call in &calls {
        charger.answer(call).await.unwrap();
    }
    let [session] = &transactions(&whole).await[..] else { panic!("one session") };
    assert_eq!((&session["state"], &session["energy_wh"]), (&json!("finished"), &json!(2_000)));
    let readings = whole.list(&format!("/transactions/{}/readings", session["id"].as_str().unwrap())).await;
    let registers: Vec<i64> = readings.iter().map(|reading| reading["energy_wh"].as_i64().unwrap()).collect();
    assert_eq!(registers, (1..=20).map(|minute| 1_000 + minute * 100).collect::<Vec<_>>());
    whole.stop().await;
}

/// 3. and 12. 2,000 MeterValues acknowledged, 8 of 8,000 samples stored; `Celcius` and 8.1 A refused.
#[tokio::test(flavor = "multi_thread")]
async fn every_acknowledged_reading_is_stored() {
    let whole = Whole::start().await;
    let (depot, _) = whole.depot(400.0).await;
    whole.tag("TAG-1").await;
    let chargers = (0..10).map(|index| {
        let (whole, depot) = (&whole, &depot);
        async move {
            let identity = format!("CP-{index}");
            whole.charger(depot, &identity).await;
            let mut charger = RawCharger::connect(&whole.endpoint(), &identity).await;
            charger.boot().await;
            let begun = charger.call("StartTransaction", start(1, "TAG-1", 0, 0)).await;
            for minute in 1..=40 {
                charger
                    .call("MeterValues", reading(1, Some(number(&begun)), i64::from(minute) * 50, minute))
                    .await;
            }
        }
    });
    join_all(chargers).await;
    let sessions = transactions(&whole).await;
    assert_eq!(sessions.len(), 10);
    for session in sessions {
        let path = format!("/transactions/{}/readings?limit=500", session["id"].as_str().unwrap());
        let readings = whole.list(&path).await;
        assert_eq!(readings.len(), 40);
        for reading in readings {
            assert_eq!((&reading["power_kw"], &reading["current_amps"]), (&json!(11.5), &json!(8.1)));
            assert_eq!(reading["rest"]["Temperature.Body.Celcius"], json!("8.1"));
        }
    }
    whole.stop().await;
}

/// 4. 50 starts at once: all time out because a handler asks for a second connection.
#[tokio::test(flavor = "multi_thread")]
async fn fifty_starts_at_once_are_all_answered() {
    let whole = Whole::start().await;
    let (depot, _) = whole.depot(400.0).await;
    whole.tag("TAG-1").await;
    let mut chargers = Vec::new();
    for index in 0..50 {
        let identity = format!("CP-{index}");
        whole.charger(&depot, &identity).await;
        chargers.push(RawCharger::connect(&whole.endpoint(), &identity).await);
    }
    let starts = chargers.iter_mut().map(|charger| charger.call("StartTransaction", start(1, "TAG-1", 0, 0)));
    let mut numbers: Vec<i64> = join_all(starts).await.iter().map(number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), 50);
    assert!(numbers.iter().all(|number| *number > 0));
    whole.stop().await;
}

/// 5. The same start after a reconnect: refused with id 0, or a second transaction.
#[tokio::test(flavor = "multi_thread")]
async fn the_same_start_after_a_reconnect_is_the_same_transaction() {
    let (whole, _, _) = one_charger().await;
    let mut charger = RawCharger::connect(&whole.endpoint(), "CP-1").await;
    let first = charger.call("StartTransaction", start(1, "TAG-1", 0, 0)).await;
    drop(charger);
    let mut charger = RawCharger::connect(&whole.endpoint(), "CP-1").await;
    let again = charger.call("StartTransaction", start(1, "TAG-1", 0, 0)).await;
    assert_eq!(first, again);
    assert_eq!(first["idTagInfo"]["status"], json!("Accepted"));
    assert_eq!(transactions(&whole).await.len(), 1);
    whole.stop().await;
}

/// 6. and 7. Starts on connectors 1 and 2 with different tags: one transaction; a start right
/// after the first status: unknown connector.
#[tokio::test(flavor = "multi_thread")]
async fn connectors_have_transactions_of_their_own_from_their_first_word_on() {
    let (whole, _, _) = one_charger().await;
    whole.tag("TAG-2").await;
    let mut charger = RawCharger::connect(&whole.endpoint(), "CP-1").await;
    let status = |connector| json!({"connectorId": connector, "errorCode": "NoError", "status": "Preparing"});
    let calls = [
        charger.say("StatusNotification", status(1)).await,
        charger.say("StartTransaction", start(1, "TAG-1", 0, 0)).await,
        charger.say("StatusNotification", status(2)).await,
        charger.say("StartTransaction", start(2, "TAG-2", 0, 0)).await,
        // Nobody told us of a third connector.
        charger.say("StartTransaction", start(3, "TAG-1", 0, 0)).await,
    ];
    let mut numbers = Vec::new();
    for (index, call) in calls.iter().enumerate() {
        let answer = charger.answer(call).await.unwrap();
        if index % 2 == 1 || index == 4 {
            numbers.push(number(&answer));
        }
    }
    numbers.dedup();
    assert_eq!(numbers.len(), 3);
    assert_eq!(whole.list("/transactions?state=active").await.len(), 3);
    whole.stop().await;
}

/// 8. and 9. Both directions share one lock, or a call in progress makes a hot loop.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_in_flight_does_not_hold_up_calls_nor_the_other_way_round() {
    let (whole, _, id) = one_charger().await;
    let mut charger = RawCharger::connect(&whole.endpoint(), "CP-1").await;
    charger.boot().await;
    let order = whole.post(&format!("/charge-points/{id}/commands"), json!({"type": "clear_cache"})).await;
    // The charger sends calls of its own before it looks at the order.
    let calls = [
        charger.say("Heartbeat", json!({})).await,
        charger.say("MeterValues", reading(1, None, 5, 1)).await,
        charger.say("Heartbeat", json!({})).await,
    ];
    for call in &calls {
        charger.answer(call).await.unwrap();
    }
    charger.order("ClearCache").await;
    let path = format!("/commands/{}", order["id"].as_str().unwrap());
    until("the order to end", || async { (whole.get(&path).await["state"] == "accepted").then_some(()) })
        .await;
    whole.stop().await;
}

/// 10., 13., 14. and 21. A retried stop counted twice, a queued end dropped, an unknown stop
/// answered by an error for ever, a stop answered before it is stored.
#[tokio::test(flavor = "multi_thread")]
async fn stops_count_once_and_none_is_refused() {
    let (whole, _, _) = one_charger().await;
    let mut charger = RawCharger::connect(&whole.endpoint(), "CP-1").await;
    let begun = number(&charger.call("StartTransaction", start(1, "TAG-1", 0, 0)).await);
    drop(charger);
    let mut charger = RawCharger::connect(&whole.endpoint(), "CP-1").await;
    charger.call("StopTransaction", stop(begun, 2_000, 10)).await;
    // Acknowledged means stored.
    assert_eq!(transactions(&whole).await[0]["state"], json!("finished"));
    charger.call("StopTransaction", stop(begun, 9_000, 20)).await;
    let [session] = &transactions(&whole).await[..] else { panic!("one session") };
    assert_eq!(session["energy_wh"], json!(2_000));
    for unknown in [-1, 0, 4_711] {
        charger.call("StopTransaction", stop(unknown, 5_000, 30)).await;
    }
    // Three stops of one instant and one register are one: what is kept is kept once.
    let kept = transactions(&whole).await;
    assert_eq!(kept.iter().filter(|session| session["flags"] == json!(["unknown_start"])).count(), 1);
    whole.stop().await;
}

/// 11. A refused start closes the live transaction.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_start_leaves_the_live_transaction_alone() {
    let (whole, _, _) = one_charger().await;
    let mut charger = RawCharger::connect(&whole.endpoint(), "CP-1").await;
    let live = number(&charger.call("StartTransaction", start(1, "TAG-1", 0, 0)).await);
    let refused = charger.call("StartTransaction", start(1, "STRANGER", 0, 5)).await;
    assert_eq!(refused["idTagInfo"]["status"], json!("Invalid"));
    let sessions = whole.list("/transactions?state=active").await;
    assert_eq!(
        sessions.iter().map(|session| session["ocpp_transaction_id"].clone()).collect::<Vec<_>>(),
        [json!(live)]
    );
    assert_eq!(transactions(&whole).await.len(), 2, "the refused one is recorded too");
    whole.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_frames_get_their_error_and_the_socket_lives_on() {
    let (whole, _, _) = one_charger().await;
    let mut charger = RawCharger::connect(&whole.endpoint(), "CP-1").await;
    for nonsense in
        ["", "{", "[]", "null", "[2]", "[9,\"x\",{}]", "[3,\"nobody\",{}]", "[4,\"nobody\",\"X\",\"\",{}]"]
    {
        charger.raw(nonsense.to_owned()).await;
    }
    let absurd = json!({"connectorId": 1, "idTag": "TAG-1", "meterStart": 1e300, "timestamp": "yesterday"});
    for (action, payload, code) in [
        ("Reboot", json!({}), "NotImplemented"),
        ("StartTransaction", json!([]), "FormationViolation"),
        ("StartTransaction", json!({"connectorId": 1}), "OccurenceConstraintViolation"),
        ("StartTransaction", json!({"connectorId": {}, "meterStart": 0}), "TypeConstraintViolation"),
        ("StartTransaction", absurd, "TypeConstraintViolation"),
        ("StatusNotification", json!({"connectorId": 1, "status": "Dancing"}), "PropertyConstraintViolation"),
        (
            "StatusNotification",
            json!({"connectorId": -1, "status": "Available"}),
            "PropertyConstraintViolation",
        ),
    ] {
        let call = charger.say(action, payload.clone()).await;
        assert_eq!(charger.answer(&call).await, Err(code.to_owned()), "{action} {payload}");
    }
    charger.call("Heartbeat", json!({"unknown": "field"})).await;
    let set_aside = whole.list("/admin/dead-letters").await;
    assert_eq!(set_aside.len(), 6, "what cannot be understood is kept, unknown actions apart: {set_aside:?}");
    whole.stop().await;
}

/// 23. Schema validation as the main cost per message: nothing of a frame is read but what is used,
/// so what its maker has added, anywhere and however much, costs nobody the reading.
#[tokio::test(flavor = "multi_thread")]
async fn what_no_schema_knows_is_no_reason_to_refuse_a_reading() {
    let (whole, _, _) = one_charger().await;
    let mut charger = RawCharger::connect(&whole.endpoint(), "CP-1").await;
    charger.boot().await;
    let begun = charger.call("StartTransaction", start(1, "TAG-1", 0, 0)).await;
    let extension: Vec<Value> = (0..500).map(|index| json!({"nested": {"index": index}})).collect();
    let mut calls = Vec::new();
    for minute in 1..=50 {
        let mut payload = reading(1, Some(number(&begun)), i64::from(minute) * 50, minute);
        payload["vendorExtension"] = json!(extension);
        payload["meterValue"][0]["vendorClock"] = json!(null);
        payload["meterValue"][0]["sampledValue"][0]["vendorFlag"] = json!(true);
        calls.push(charger.say("MeterValues", payload).await);
    }
    for call in &calls {
        assert_eq!(charger.answer(call).await.unwrap(), json!({}));
    }
    let [session] = &transactions(&whole).await[..] else { panic!("one session") };
    let readings = whole.list(&format!("/transactions/{}/readings", session["id"].as_str().unwrap())).await;
    let mut registers: Vec<i64> =
        readings.iter().map(|reading| reading["energy_wh"].as_i64().unwrap()).collect();
    registers.sort_unstable();
    assert_eq!(registers, (1..=50).map(|minute| minute * 50).collect::<Vec<_>>());
    whole.stop().await;
}
