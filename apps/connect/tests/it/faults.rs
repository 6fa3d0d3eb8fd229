//! The faults that were found in peers: each has a test here, named after what must hold.
//! Fault 23, the cost of validation, is about speed and is measured elsewhere.

use std::time::Duration;

use charge_point::{ChargePointReader, ConnectorStatus};
use connect_router::ChargerLink;
use serde_json::{Value, json};
use transaction::TransactionState;

use crate::{
    client::Client,
    on_both_engines,
    rig::{Rig, until},
};

on_both_engines!(
    a_charger_stays_online_when_its_earlier_socket_closes,
    an_offline_session_sent_in_a_burst_is_stored_once,
    what_is_sent_without_waiting_keeps_its_order,
    every_sample_of_many_is_stored,
    fifty_starts_at_once_are_all_answered,
    a_start_repeated_after_a_reconnect_has_the_same_number,
    two_connectors_have_two_transactions,
    a_start_right_after_the_first_status_finds_its_connector,
    both_directions_go_on_at_once,
    a_repeated_stop_counts_once,
    a_refused_start_leaves_the_live_transaction,
    misspelled_units_and_fractions_are_accepted,
    a_stop_that_waited_offline_arrives_after_a_restart,
    a_stop_of_an_unknown_transaction_has_a_result,
);

pub(crate) const SOON: Duration = Duration::from_secs(10);

pub(crate) fn start(rig: &Rig, connector: u16, tag: &str, seconds: i64) -> Value {
    json!({"connectorId": connector, "idTag": tag, "meterStart": 1000, "timestamp": rig.at(seconds)})
}

pub(crate) fn stop(rig: &Rig, number: &Value, seconds: i64, meter: i64) -> Value {
    json!({"transactionId": number, "meterStop": meter, "timestamp": rig.at(seconds), "reason": "Local"})
}

/// Four samples of one instant.
pub(crate) fn meter(rig: &Rig, number: &Value, seconds: i64, register: i64) -> Value {
    json!({"connectorId": 1, "transactionId": number, "meterValue": [{
        "timestamp": rig.at(seconds),
        "sampledValue": [
            {"value": register.to_string(), "measurand": "Energy.Active.Import.Register", "unit": "Wh"},
            {"value": "7400", "measurand": "Power.Active.Import", "unit": "W"},
            {"value": "32.0", "measurand": "Current.Import", "unit": "A"},
            {"value": "55", "measurand": "SoC", "unit": "Percent"},
        ],
    }]})
}

fn accepted(answer: &Value) -> Value {
    assert_eq!(answer["idTagInfo"]["status"], "Accepted", "{answer}");
    assert_ne!(answer["transactionId"], 0);
    answer["transactionId"].clone()
}

/// 1.
async fn a_charger_stays_online_when_its_earlier_socket_closes(rig: Rig) {
    let charger = rig.charger("CP-1").await;
    let mut earlier = Client::open(&rig, "CP-1").await;
    earlier.call("Heartbeat", &json!({})).await;
    let mut later = Client::open(&rig, "CP-1").await;
    later.call("Heartbeat", &json!({})).await;
    assert_eq!(earlier.closed().await, Some(1008));
    drop(earlier);
    until("only the later socket is there", async || rig.gateway.sockets() == 1).await;
    let stored = rig.sea.charge_point_get(rig.organisation, charger.id).await.unwrap().unwrap();
    assert!(stored.live.online);
    let (answer, _) = tokio::join!(
        rig.gateway.call(charger.id, "ClearCache", json!({}), SOON),
        later.obey(|_| json!({"status": "Accepted"})),
    );
    assert_eq!(answer.unwrap(), json!({"status": "Accepted"}));
}

/// 2.
async fn an_offline_session_sent_in_a_burst_is_stored_once(rig: Rig) {
    let charger = rig.charger("CP-1").await;
    rig.tag("TAG").await;
    let mut client = Client::open(&rig, "CP-1").await;
    // An offline charger learns the number only from the answer; its readings name none till then.
    let first = client.send("StartTransaction", &start(&rig, 1, "TAG", 0)).await;
    let mut sent = Vec::new();
    for reading in 1..=20 {
        let mut payload = meter(&rig, &Value::Null, reading * 60, 1000 + reading * 100);
        payload.as_object_mut().unwrap().remove("transactionId");
        sent.push(client.send("MeterValues", &payload).await);
    }
    let number = accepted(&client.answer(&first).await);
    let last = client.send("StopTransaction", &stop(&rig, &number, 1260, 3100)).await;
    for id in sent {
        client.answer(&id).await;
    }
    client.answer(&last).await;
    let stored = rig.transactions(&charger).await;
    assert_eq!(stored.len(), 1);
    assert_eq!(stored[0].energy.0, 2100);
    assert!(stored[0].stopped_at.is_some());
    let registers: Vec<i64> =
        rig.readings(&stored[0]).await.iter().filter_map(|reading| Some(reading.energy?.0)).collect();
    assert_eq!(registers.len(), 20, "{registers:?}");
}

/// Fault 22. The number is needed for the stop, so only the first start is waited for. The start of the
/// next session must come after the stop: the connector is free by then.
async fn what_is_sent_without_waiting_keeps_its_order(rig: Rig) {
    let charger = rig.charger("CP-1").await;
    rig.tag("TAG").await;
    let mut client = Client::open(&rig, "CP-1").await;
    let number = accepted(&client.call("StartTransaction", &start(&rig, 1, "TAG", 0)).await);
    let mut sent = Vec::new();
    for reading in 1..=20 {
        sent.push(client.send("MeterValues", &meter(&rig, &number, reading * 10, 1000 + reading)).await);
    }
    sent.push(client.send("StopTransaction", &stop(&rig, &number, 210, 1100)).await);
    sent.push(client.send("StartTransaction", &start(&rig, 1, "TAG", 220)).await);
    let mut answered = Vec::new();
    for _ in &sent {
        answered.push(client.next_answered().await);
    }
    assert_eq!(answered, sent);
    let stored = rig.transactions(&charger).await;
    assert_eq!(stored.len(), 2);
    let first = stored.iter().find(|stored| json!(stored.number.0) == number).unwrap();
    // Nothing was found out of order.
    assert!(stored.iter().all(|stored| stored.flags.is_empty()), "{stored:?}");
    assert_eq!((first.is_open(), first.energy.0, rig.readings(first).await.len()), (false, 100, 20));
}

/// 3.
async fn every_sample_of_many_is_stored(rig: Rig) {
    rig.tag("TAG").await;
    let mut chargers = Vec::new();
    for name in 0..10 {
        let charger = rig.charger(&format!("CP-{name}")).await;
        chargers.push((charger, Client::open(&rig, &format!("CP-{name}")).await));
    }
    let sends = chargers.iter_mut().map(|(_, client)| async {
        let number = accepted(&client.call("StartTransaction", &start(&rig, 1, "TAG", 0)).await);
        let mut sent = Vec::new();
        for reading in 1..=50 {
            sent.push(client.send("MeterValues", &meter(&rig, &number, reading * 10, 1000 + reading)).await);
        }
        for id in sent {
            client.answer(&id).await;
        }
    });
    futures::future::join_all(sends).await;
    let mut samples = 0;
    for (charger, _) in &chargers {
        let stored = rig.transactions(charger).await;
        assert_eq!(stored.len(), 1);
        for reading in rig.readings(&stored[0]).await {
            let told = [
                reading.energy.is_some(),
                reading.power.is_some(),
                reading.current.is_some(),
                reading.soc.is_some(),
            ];
            samples += told.into_iter().filter(|told| *told).count();
        }
    }
    assert_eq!(samples, 10 * 50 * 4);
}

/// 4.
async fn fifty_starts_at_once_are_all_answered(rig: Rig) {
    rig.tag("TAG").await;
    let mut clients = Vec::new();
    for name in 0..50 {
        rig.charger(&format!("CP-{name}")).await;
        clients.push(Client::open(&rig, &format!("CP-{name}")).await);
    }
    let payload = start(&rig, 1, "TAG", 0);
    let starts = clients.iter_mut().map(|client| client.call("StartTransaction", &payload));
    let mut numbers: Vec<_> = futures::future::join_all(starts)
        .await
        .iter()
        .map(|answer| accepted(answer).as_i64().unwrap())
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), 50);
}

/// 5.
async fn a_start_repeated_after_a_reconnect_has_the_same_number(rig: Rig) {
    let charger = rig.charger("CP-1").await;
    rig.tag("TAG").await;
    let payload = start(&rig, 1, "TAG", 0);
    let mut client = Client::open(&rig, "CP-1").await;
    let first = accepted(&client.call("StartTransaction", &payload).await);
    drop(client);
    let mut client = Client::open(&rig, "CP-1").await;
    assert_eq!(accepted(&client.call("StartTransaction", &payload).await), first);
    assert_eq!(rig.transactions(&charger).await.len(), 1);
}

/// 6.
async fn two_connectors_have_two_transactions(rig: Rig) {
    let charger = rig.charger("CP-1").await;
    rig.tag("TAG-1").await;
    rig.tag("TAG-2").await;
    let mut client = Client::open(&rig, "CP-1").await;
    let first = accepted(&client.call("StartTransaction", &start(&rig, 1, "TAG-1", 0)).await);
    let second = accepted(&client.call("StartTransaction", &start(&rig, 2, "TAG-2", 0)).await);
    assert_ne!(first, second);
    let stored = rig.transactions(&charger).await;
    assert_eq!(stored.len(), 2);
    assert!(stored.iter().all(transaction::Transaction::is_open));
}

/// 7.
async fn a_start_right_after_the_first_status_finds_its_connector(rig: Rig) {
    let charger = rig.charger("CP-1").await;
    rig.tag("TAG").await;
    let mut client = Client::open(&rig, "CP-1").await;
    let status = json!({"connectorId": 1, "errorCode": "NoError", "status": "Preparing"});
    let told = client.send("StatusNotification", &status).await;
    let started = client.send("StartTransaction", &start(&rig, 1, "TAG", 0)).await;
    client.answer(&told).await;
    accepted(&client.answer(&started).await);
    let stored = rig.transactions(&charger).await;
    assert!(stored[0].place.evse.is_some());
    assert!(stored[0].flags.is_empty(), "{:?}", stored[0].flags);
    let charger = rig.sea.charge_point_get(rig.organisation, charger.id).await.unwrap().unwrap();
    assert!(charger.has_status(ConnectorStatus::Preparing));
}

/// 8 and 9: while an order waits for its answer calls are answered, and the other way round.
async fn both_directions_go_on_at_once(rig: Rig) {
    let charger = rig.charger("CP-1").await;
    let mut client = Client::open(&rig, "CP-1").await;
    // A handshake ends before the gateway knows the socket; an answer shows that it does.
    client.call("Heartbeat", &json!({})).await;
    let order = |gateway: connect::Gateway| {
        tokio::spawn(async move { gateway.call(charger.id, "ClearCache", json!({}), SOON).await })
    };
    let (first, second) = (order(rig.gateway.clone()), order(rig.gateway.clone()));
    let waiting = client.ordered().await;
    for _ in 0..5 {
        client.call("Heartbeat", &json!({})).await;
    }
    // The call is sent, and before its answer is read the order is answered.
    let call = client.send("Heartbeat", &json!({})).await;
    client.text(json!([3, waiting[1], {"status": "Accepted"}]).to_string()).await;
    client.obey(|_| json!({"status": "Rejected"})).await;
    client.answer(&call).await;
    let mut told = [first.await.unwrap().unwrap(), second.await.unwrap().unwrap()];
    told.sort_by_key(ToString::to_string);
    assert_eq!(told, [json!({"status": "Accepted"}), json!({"status": "Rejected"})]);
}

/// 10.
async fn a_repeated_stop_counts_once(rig: Rig) {
    let charger = rig.charger("CP-1").await;
    rig.tag("TAG").await;
    let mut client = Client::open(&rig, "CP-1").await;
    let number = accepted(&client.call("StartTransaction", &start(&rig, 1, "TAG", 0)).await);
    let payload = stop(&rig, &number, 60, 1500);
    client.call("StopTransaction", &payload).await;
    client.call("StopTransaction", &payload).await;
    drop(client);
    Client::open(&rig, "CP-1").await.call("StopTransaction", &payload).await;
    let stored = rig.transactions(&charger).await;
    assert_eq!((stored.len(), stored[0].energy.0), (1, 500));
}

/// 11.
async fn a_refused_start_leaves_the_live_transaction(rig: Rig) {
    let charger = rig.charger("CP-1").await;
    rig.tag("TAG").await;
    let mut client = Client::open(&rig, "CP-1").await;
    let number = accepted(&client.call("StartTransaction", &start(&rig, 1, "TAG", 0)).await);
    let refused = client.call("StartTransaction", &start(&rig, 1, "STRANGER", 60)).await;
    assert_eq!(refused["idTagInfo"]["status"], "Invalid");
    assert_ne!(refused["transactionId"], number);
    let stored = rig.transactions(&charger).await;
    let live = stored.iter().find(|stored| json!(stored.number.0) == number).unwrap();
    assert_eq!(live.state, TransactionState::Active);
}

/// 12.
async fn misspelled_units_and_fractions_are_accepted(rig: Rig) {
    let charger = rig.charger("CP-1").await;
    rig.tag("TAG").await;
    let mut client = Client::open(&rig, "CP-1").await;
    let number = accepted(&client.call("StartTransaction", &start(&rig, 1, "TAG", 0)).await);
    let payload = json!({"connectorId": 1, "transactionId": number, "meterValue": [{
        "timestamp": rig.at(10),
        "sampledValue": [
            {"value": "31.5", "measurand": "Temperature", "unit": "Celcius"},
            {"value": "8.1", "measurand": "Current.Import", "unit": "A"},
        ],
    }]});
    client.call("MeterValues", &payload).await;
    let stored = rig.transactions(&charger).await;
    let readings = rig.readings(&stored[0]).await;
    assert_eq!(readings.iter().find_map(|reading| reading.current).unwrap().0, 8_100);
}

/// 13.
async fn a_stop_that_waited_offline_arrives_after_a_restart(mut rig: Rig) {
    let charger = rig.charger("CP-1").await;
    rig.tag("TAG").await;
    let mut client = Client::open(&rig, "CP-1").await;
    let number = accepted(&client.call("StartTransaction", &start(&rig, 1, "TAG", 0)).await);
    drop(client);
    rig.restart(None).await;
    let mut client = Client::open(&rig, "CP-1").await;
    client.call("StopTransaction", &stop(&rig, &number, 600, 4000)).await;
    let stored = rig.transactions(&charger).await;
    assert_eq!((stored.len(), stored[0].energy.0, stored[0].is_open()), (1, 3000, false));
}

/// 14.
async fn a_stop_of_an_unknown_transaction_has_a_result(rig: Rig) {
    let charger = rig.charger("CP-1").await;
    let mut client = Client::open(&rig, "CP-1").await;
    client.call("StopTransaction", &stop(&rig, &json!(987_654), 60, 1500)).await;
    assert_eq!(rig.transactions(&charger).await.len(), 1, "what was delivered is kept");
}
