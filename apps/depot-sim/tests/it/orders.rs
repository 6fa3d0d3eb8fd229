//! Orders of the server, and what the charger does about them.

use std::time::Duration;

use depot_sim::{ChargerSpec, Habits, Status};
use serde_json::{Value, json};

use crate::{
    bus,
    server::{NOW, Peer, Running, Server},
};

/// A DC charger of 60 kW with a bus that charges in transaction 5.
async fn charging(habits: Habits) -> (Server, Running, Peer) {
    let server = Server::start().await;
    let charger = server.charger(ChargerSpec { habits, ..ChargerSpec::dc("CP", 60_000.0) });
    let mut peer = server.accept_booted().await;
    assert!(charger.handle.plug_in(1, bus()).await);
    peer.start_transaction(5).await;
    peer.expect_status(1, "Charging").await;
    (server, charger, peer)
}

fn profile(id: i64, purpose: &str, level: i64, unit: &str, limit: f64) -> Value {
    json!({
        "chargingProfileId": id, "stackLevel": level, "chargingProfilePurpose": purpose,
        "chargingProfileKind": "Absolute",
        "chargingSchedule": {
            "chargingRateUnit": unit, "startSchedule": "2020-01-01T00:00:00Z",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit}],
        },
    })
}

async fn set(peer: &mut Peer, connector: i64, profile: Value) -> Value {
    let order = json!({"connectorId": connector, "csChargingProfiles": profile});
    peer.order("SetChargingProfile", order).await["status"].clone()
}

#[tokio::test]
async fn profiles_are_obeyed_and_the_lowest_wins() {
    let (_server, charger, mut peer) = charging(Habits::default()).await;
    assert_eq!(set(&mut peer, 1, profile(1, "TxProfile", 1, "W", 40_000.0)).await, "Accepted");
    charger.until(|view| view.connectors[0].power_w == 40_000.0).await;
    assert_eq!(set(&mut peer, 0, profile(2, "ChargePointMaxProfile", 0, "W", 30_000.0)).await, "Accepted");
    charger.until(|view| view.connectors[0].power_w == 30_000.0).await;
    assert_eq!(set(&mut peer, 0, profile(3, "TxDefaultProfile", 0, "W", 6_900.0)).await, "Accepted");
    let amps = profile(4, "TxProfile", 2, "A", 10.0);
    assert_eq!(set(&mut peer, 1, amps).await, "Rejected", "a DC charger is told watts");
    let order = json!({"connectorId": 1, "duration": 60, "chargingRateUnit": "W"});
    let composite = peer.order("GetCompositeSchedule", order).await;
    let periods = &composite["chargingSchedule"]["chargingSchedulePeriod"];
    assert_eq!(periods, &json!([{"startPeriod": 0, "limit": 30_000.0}]));
    // Without its own and the station's profile, the default holds.
    for id in [1, 2] {
        assert_eq!(peer.order("ClearChargingProfile", json!({"id": id})).await["status"], "Accepted");
    }
    assert_eq!(peer.order("ClearChargingProfile", json!({"id": 1})).await["status"], "Unknown");
    charger.until(|view| view.connectors[0].power_w == 6_900.0).await;
    assert_eq!(set(&mut peer, 1, profile(4, "TxProfile", 0, "W", 0.0)).await, "Accepted");
    charger.until(|view| view.connectors[0].status == Status::SuspendedEvse).await;
}

#[tokio::test]
async fn bad_habits_with_profiles() {
    let refuses = Habits { refuses_profiles: true, ..Habits::default() };
    let (_server, _charger, mut peer) = charging(refuses).await;
    assert_eq!(set(&mut peer, 1, profile(1, "TxProfile", 1, "W", 4_000.0)).await, "Rejected");
    let ignores = Habits { ignores_profiles: true, ..Habits::default() };
    let (_server, charger, mut peer) = charging(ignores).await;
    assert_eq!(set(&mut peer, 1, profile(1, "TxProfile", 1, "W", 4_000.0)).await, "Accepted");
    let register = charger.handle.view().borrow().connectors[0].register_wh;
    let view = charger.until(|view| view.connectors[0].register_wh > register).await;
    assert_eq!(view.connectors[0].power_w, 60_000.0);
}

#[tokio::test]
async fn a_charger_that_stalls_gives_nothing_and_keeps_its_session() {
    let server = Server::start().await;
    let habits = Habits { stalls_after: Some(Duration::ZERO), ..Habits::default() };
    let charger = server.charger(ChargerSpec { habits, ..ChargerSpec::dc("CP", 60_000.0) });
    let mut peer = server.accept_booted().await;
    assert!(charger.handle.plug_in(1, bus()).await);
    peer.start_transaction(5).await;
    let view = charger.until(|view| view.connectors[0].offered_w == 60_000.0).await;
    assert_eq!((view.connectors[0].power_w, view.connectors[0].status), (0.0, Status::SuspendedEvse));
}

#[tokio::test]
async fn remote_stop_and_start() {
    let (_server, charger, mut peer) = charging(Habits::default()).await;
    let rejected = peer.order("RemoteStopTransaction", json!({"transactionId": 6})).await;
    assert_eq!(rejected["status"], "Rejected");
    let accepted = peer.order("RemoteStopTransaction", json!({"transactionId": 5})).await;
    assert_eq!(accepted["status"], "Accepted");
    let stop = peer.expect("StopTransaction").await;
    assert_eq!(stop.payload["reason"], "Remote");
    peer.answer(&stop, json!({})).await;
    peer.expect_status(1, "Finishing").await;
    let mut own = profile(1, "TxProfile", 1, "W", 20_000.0);
    own["chargingSchedule"].as_object_mut().unwrap().remove("startSchedule");
    own["chargingProfileKind"] = json!("Relative");
    let order = json!({"connectorId": 1, "idTag": "DESK", "chargingProfile": own});
    assert_eq!(peer.order("RemoteStartTransaction", order.clone()).await["status"], "Accepted");
    let start = peer.expect("StartTransaction").await;
    assert_eq!(start.payload["idTag"], "DESK");
    peer.answer(&start, json!({"transactionId": 8, "idTagInfo": {"status": "Accepted"}})).await;
    charger.until(|view| view.connectors[0].power_w == 20_000.0).await;
    assert_eq!(peer.order("RemoteStartTransaction", order).await["status"], "Rejected");
}

#[tokio::test]
async fn a_remote_start_waits_for_its_vehicle() {
    let server = Server::start().await;
    let charger = server.charger(ChargerSpec::dc("CP", 60_000.0));
    let mut peer = server.accept_booted().await;
    let order = json!({"idTag": "DESK"});
    assert_eq!(peer.order("RemoteStartTransaction", order).await["status"], "Accepted");
    assert!(charger.handle.plug_in(1, bus()).await);
    let start = peer.expect("StartTransaction").await;
    assert_eq!(start.payload["idTag"], "DESK");
}

#[tokio::test]
async fn availability_waits_for_the_session_and_unlocking_ends_it() {
    let (_server, _charger, mut peer) = charging(Habits::default()).await;
    let order = json!({"connectorId": 1, "type": "Inoperative"});
    assert_eq!(peer.order("ChangeAvailability", order).await["status"], "Scheduled");
    assert_eq!(peer.order("UnlockConnector", json!({"connectorId": 1})).await["status"], "Unlocked");
    let stop = peer.expect("StopTransaction").await;
    assert_eq!(stop.payload["reason"], "UnlockCommand");
    peer.answer(&stop, json!({})).await;
    peer.expect_status(1, "Unavailable").await;
    let order = json!({"connectorId": 0, "type": "Operative"});
    assert_eq!(peer.order("ChangeAvailability", order).await["status"], "Accepted");
    peer.expect_status(1, "Finishing").await;
}

#[tokio::test]
async fn configuration_is_read_and_changed() {
    let (_server, _charger, mut peer) = charging(Habits::default()).await;
    let all = peer.order("GetConfiguration", json!({})).await;
    assert!(all["configurationKey"].as_array().unwrap().len() > 20);
    let change = |key: &str, value: &str| json!({"key": key, "value": value});
    for (key, value, status) in [
        ("HeartbeatInterval", "90", "Accepted"),
        ("HeartbeatInterval", "soon", "Rejected"),
        ("NumberOfConnectors", "7", "Rejected"),
        ("Colour", "green", "NotSupported"),
    ] {
        assert_eq!(peer.order("ChangeConfiguration", change(key, value)).await["status"], status, "{key}");
    }
    let some = peer.order("GetConfiguration", json!({"key": ["HeartbeatInterval", "Colour"]})).await;
    assert_eq!(
        some,
        json!({
            "configurationKey": [{"key": "HeartbeatInterval", "value": "90", "readonly": false}],
            "unknownKey": ["Colour"],
        }),
    );
}

#[tokio::test]
async fn what_is_triggered_is_sent() {
    let (_server, _charger, mut peer) = charging(Habits::default()).await;
    for (message, action) in [
        ("Heartbeat", "Heartbeat"),
        ("MeterValues", "MeterValues"),
        ("BootNotification", "BootNotification"),
        ("DiagnosticsStatusNotification", "DiagnosticsStatusNotification"),
    ] {
        let order = json!({"requestedMessage": message});
        assert_eq!(peer.order("TriggerMessage", order).await["status"], "Accepted", "{message}");
        let call = peer.expect(action).await;
        let answer = match action {
            "BootNotification" => json!({"status": "Accepted", "interval": 3600, "currentTime": NOW}),
            "Heartbeat" => json!({"currentTime": NOW}),
            _ => json!({}),
        };
        peer.answer(&call, answer).await;
    }
}

#[tokio::test]
async fn maintenance_is_reported_step_by_step() {
    let (_server, _charger, mut peer) = charging(Habits::default()).await;
    assert_eq!(peer.order("ClearCache", json!({})).await["status"], "Accepted");
    let order = json!({"location": "ftp://example.org/firmware", "retrieveDate": NOW});
    assert_eq!(peer.order("UpdateFirmware", order).await, json!({}));
    for status in ["Downloading", "Downloaded", "Installing", "Installed"] {
        let call = peer.expect("FirmwareStatusNotification").await;
        assert_eq!(call.payload["status"], status);
        peer.answer(&call, json!({})).await;
    }
    let answer = peer.order("GetDiagnostics", json!({"location": "ftp://example.org/"})).await;
    assert_eq!(answer["fileName"], "CP-diagnostics.zip");
    peer.expect("DiagnosticsStatusNotification").await;
}

#[tokio::test]
async fn what_it_cannot_do_is_said_in_the_words_of_ocpp() {
    let (_server, _charger, mut peer) = charging(Habits::default()).await;
    let answer = peer.order_unchecked("MakeCoffee", json!({})).await;
    assert_eq!((&answer[0], &answer[2]), (&json!(4), &json!("NotImplemented")));
    let answer = peer.order_unchecked("UnlockConnector", json!({"connectorId": "one"})).await;
    assert_eq!((&answer[0], &answer[2]), (&json!(4), &json!("OccurenceConstraintViolation")));
}

#[tokio::test]
async fn a_broken_connector_ends_its_session_and_says_why() {
    let (_server, charger, mut peer) = charging(Habits::default()).await;
    charger.handle.fault(1, Some("GroundFailure".into())).await;
    let stop = peer.expect("StopTransaction").await;
    assert_eq!(stop.payload["reason"], "Other");
    peer.answer(&stop, json!({})).await;
    peer.expect_status(1, "Faulted").await;
    charger.handle.fault(1, None).await;
    peer.expect_status(1, "Finishing").await;
}
