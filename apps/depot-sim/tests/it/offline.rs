//! Lost sockets: what belongs to a transaction arrives late, whole and in order.

use std::time::Duration;

use depot_sim::{ChargerSpec, Habits, Pace, Vehicle};
use serde_json::json;

use crate::{bus, server::Server};

#[tokio::test]
async fn a_session_without_a_socket_is_replayed_in_order() {
    let server = Server::start().await;
    let pace = Pace { metering: Duration::from_secs(1), ..Pace::default() };
    let charger = server.charger(ChargerSpec { pace, ..ChargerSpec::dc("CP", 3_600_000.0) });
    let mut peer = server.accept_booted().await;
    peer.expect_status(1, "Available").await;
    drop(peer);
    charger.until(|view| !view.online).await;
    assert!(charger.handle.plug_in(1, Vehicle { max_dc_w: 3_600_000.0, ..bus() }).await);
    // The charger knocks again and again; nobody opens until the vehicle has come and gone.
    charger.until(|view| view.owed >= 3).await;
    let vehicle = charger.handle.unplug(1).await.unwrap();
    assert!(vehicle.soc > 0.33);
    let mut peer = server.accept().await;
    let start = peer.expect("StartTransaction").await;
    assert_eq!(start.payload["idTag"], "BUS-7");
    peer.answer(&start, json!({"transactionId": 31, "idTagInfo": {"status": "Accepted"}})).await;
    let mut readings = Vec::new();
    let stop = loop {
        let call = peer.next().await.unwrap();
        peer.answer(&call, json!({})).await;
        match call.action.as_str() {
            "MeterValues" => {
                assert_eq!(call.payload["transactionId"], 31);
                readings.push(call.sampled("Energy.Active.Import.Register"));
            }
            "StopTransaction" => break call,
            other => assert_eq!(other, "StatusNotification"),
        }
    };
    assert!(readings.len() >= 2 && readings.is_sorted(), "{readings:?}");
    assert_eq!(stop.payload["transactionId"], 31);
    assert!(stop.payload["timestamp"].as_str() > start.payload["timestamp"].as_str());
    charger.until(|view| view.owed == 0).await;
}

#[tokio::test]
async fn a_start_whose_answer_was_lost_is_sent_again() {
    let server = Server::start().await;
    let charger = server.charger(ChargerSpec::dc("CP", 60_000.0));
    let mut peer = server.accept_booted().await;
    assert!(charger.handle.plug_in(1, bus()).await);
    let authorize = peer.expect("Authorize").await;
    peer.answer(&authorize, json!({"idTagInfo": {"status": "Accepted"}})).await;
    let first = peer.expect("StartTransaction").await;
    charger.handle.cut_link().await;
    let mut peer = server.accept().await;
    let again = peer.expect("StartTransaction").await;
    assert_eq!(first.payload, again.payload);
    peer.answer(&again, json!({"transactionId": 4, "idTagInfo": {"status": "Accepted"}})).await;
    charger.until(|view| view.connectors[0].transaction == Some(4)).await;
}

#[tokio::test]
async fn a_message_the_server_cannot_take_is_tried_three_times() {
    let server = Server::start().await;
    let charger = server.charger(ChargerSpec::dc("CP", 60_000.0));
    let mut peer = server.accept_booted().await;
    assert!(charger.handle.plug_in(1, bus()).await);
    peer.start_transaction(1).await;
    charger.handle.unplug(1).await.unwrap();
    for _ in 0..3 {
        let stop = peer.expect("StopTransaction").await;
        peer.refuse(&stop).await;
    }
    charger.until(|view| view.owed == 0).await;
}

#[tokio::test]
async fn a_charger_with_a_loose_cable_comes_back_by_itself() {
    let server = Server::start().await;
    let habits = Habits { drops_every: Some(Duration::from_millis(20)), ..Habits::default() };
    let _charger = server.charger(ChargerSpec { habits, ..ChargerSpec::dc("CP", 60_000.0) });
    for _ in 0..3 {
        let mut peer = server.accept().await;
        while let Some(call) = peer.next().await {
            if call.action == "BootNotification" {
                // Left unanswered: the cable is faster.
                continue;
            }
            panic!("{call:?} before the boot was answered");
        }
    }
}
