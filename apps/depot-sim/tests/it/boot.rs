//! From the first connection to being accepted.

use depot_sim::ChargerSpec;
use serde_json::json;

use crate::{
    bus,
    server::{NOW, Server},
};

#[tokio::test]
async fn a_charger_introduces_itself_and_reports_every_connector() {
    let server = Server::start().await;
    let spec = ChargerSpec { password: Some("secret".into()), ..ChargerSpec::dc("DEPOT 1/A", 60_000.0) };
    let _charger = server.charger(spec);
    let mut peer = server.accept().await;
    assert_eq!(peer.path, "/ocpp/DEPOT%201%2FA");
    assert_eq!(peer.authorization.as_deref(), Some("Basic REVQT1QgMS9BOnNlY3JldA=="));
    let boot = peer.expect("BootNotification").await;
    assert_eq!(boot.payload["chargePointVendor"], "Simulated");
    peer.answer(&boot, json!({"status": "Accepted", "interval": 3600, "currentTime": NOW})).await;
    for connector in [0, 1] {
        let report = peer.next().await.unwrap();
        assert_eq!(report.action, "StatusNotification");
        assert_eq!(
            (&report.payload["connectorId"], &report.payload["status"]),
            (&json!(connector), &json!("Available")),
        );
        peer.answer(&report, json!({})).await;
    }
}

#[tokio::test]
async fn a_charger_that_is_not_accepted_boots_again_and_sends_nothing_else() {
    let server = Server::start().await;
    let charger = server.charger(ChargerSpec::dc("CP", 60_000.0));
    let mut peer = server.accept().await;
    assert!(charger.handle.plug_in(1, bus()).await);
    for status in ["Pending", "Rejected"] {
        let boot = peer.next().await.unwrap();
        assert_eq!(boot.action, "BootNotification");
        peer.answer(&boot, json!({"status": status, "interval": 0, "currentTime": NOW})).await;
    }
    let boot = peer.next().await.unwrap();
    peer.refuse(&boot).await;
    let boot = peer.next().await.unwrap();
    assert_eq!(boot.action, "BootNotification");
    peer.answer(&boot, json!({"status": "Accepted", "interval": 3600, "currentTime": NOW})).await;
    let authorize = peer.expect("Authorize").await;
    assert_eq!(authorize.payload["idTag"], "BUS-7", "the vehicle that waited is asked for now");
}

#[tokio::test]
async fn a_reset_ends_the_session_and_boots_again() {
    let server = Server::start().await;
    let charger = server.charger(ChargerSpec::dc("CP", 60_000.0));
    let mut peer = server.accept_booted().await;
    assert!(charger.handle.plug_in(1, bus()).await);
    peer.start_transaction(5).await;
    peer.expect_status(1, "Charging").await;
    assert_eq!(peer.order("Reset", json!({"type": "Soft"})).await, json!({"status": "Accepted"}));
    let mut peer = server.accept_booted().await;
    let stop = peer.expect("StopTransaction").await;
    assert_eq!((&stop.payload["transactionId"], &stop.payload["reason"]), (&json!(5), &json!("SoftReset")));
}

#[tokio::test]
async fn a_charger_that_is_stopped_says_goodbye() {
    let server = Server::start().await;
    let charger = server.charger(ChargerSpec::dc("CP", 60_000.0));
    let mut peer = server.accept_booted().await;
    assert!(charger.handle.plug_in(1, bus()).await);
    peer.start_transaction(5).await;
    peer.expect_status(1, "Charging").await;
    charger.stopping.cancel();
    let stop = peer.expect("StopTransaction").await;
    assert_eq!(stop.payload["reason"], "PowerLoss");
    peer.answer(&stop, json!({})).await;
    while let Some(call) = peer.next().await {
        assert_eq!(call.action, "StatusNotification");
        peer.answer(&call, json!({})).await;
    }
}
