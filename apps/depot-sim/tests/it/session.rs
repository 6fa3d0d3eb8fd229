//! A vehicle comes, charges and goes.

use std::time::Duration;

use depot_sim::{ChargerSpec, ConnectorSpec, Habits, Pace, Status, Vehicle};
use serde_json::json;

use crate::{bus, server::Server};

/// Seconds are what OCPP counts in: the shortest interval of meter values.
fn metering() -> Pace {
    Pace { metering: Duration::from_secs(1), ..Pace::default() }
}

#[tokio::test]
async fn a_session_is_authorized_metered_and_ended() {
    let server = Server::start().await;
    let spec = ChargerSpec { register_wh: 1_000.0, pace: metering(), ..ChargerSpec::dc("CP", 3_600_000.0) };
    let charger = server.charger(spec);
    let mut peer = server.accept_booted().await;
    let vehicle = Vehicle { max_dc_w: 3_600_000.0, ..bus() };
    assert!(charger.handle.plug_in(1, vehicle).await);
    assert!(!charger.handle.plug_in(1, bus()).await, "the connector is taken");
    let start = peer.start_transaction(77).await;
    assert_eq!(start.payload["meterStart"], 1_000);
    assert_eq!(start.payload["idTag"], "BUS-7");
    peer.expect_status(1, "Charging").await;
    let reading = peer.expect("MeterValues").await;
    peer.answer(&reading, json!({})).await;
    assert_eq!(reading.payload["transactionId"], 77);
    assert_eq!(reading.sampled("Power.Active.Import"), 3_600_000.0);
    assert_eq!(reading.sampled("Power.Offered"), 3_600_000.0);
    let energy = reading.sampled("Energy.Active.Import.Register");
    assert!(energy >= 1_500.0, "a second at 3.6 MW is 1,000 Wh, not {}", energy - 1_000.0);
    assert!(reading.sampled("SoC") > 33.0);
    let vehicle = charger.handle.unplug(1).await.unwrap();
    assert!(vehicle.soc > 0.33);
    let stop = peer.expect("StopTransaction").await;
    peer.answer(&stop, json!({"idTagInfo": {"status": "Accepted"}})).await;
    assert_eq!(
        (&stop.payload["transactionId"], &stop.payload["reason"]),
        (&json!(77), &json!("EVDisconnected"))
    );
    assert!(stop.payload["meterStop"].as_f64().unwrap() >= energy);
    assert_eq!(stop.sampled("Energy.Active.Import.Register"), stop.payload["meterStop"].as_f64().unwrap());
    peer.expect_status(1, "Available").await;
}

#[tokio::test]
async fn a_refused_tag_starts_nothing_and_a_blocked_one_is_stopped() {
    let server = Server::start().await;
    let charger = server.charger(ChargerSpec::dc("CP", 60_000.0));
    let mut peer = server.accept_booted().await;
    assert!(charger.handle.plug_in(1, bus()).await);
    let authorize = peer.expect("Authorize").await;
    peer.answer(&authorize, json!({"idTagInfo": {"status": "Blocked"}})).await;
    peer.expect_status(1, "Preparing").await;
    charger.handle.unplug(1).await.unwrap();
    peer.expect_status(1, "Available").await;
    assert!(charger.handle.plug_in(1, bus()).await);
    let authorize = peer.expect("Authorize").await;
    peer.answer(&authorize, json!({"idTagInfo": {"status": "Accepted"}})).await;
    let start = peer.expect("StartTransaction").await;
    peer.answer(&start, json!({"transactionId": 9, "idTagInfo": {"status": "Invalid"}})).await;
    let stop = peer.expect("StopTransaction").await;
    assert_eq!(
        (&stop.payload["transactionId"], &stop.payload["reason"]),
        (&json!(9), &json!("DeAuthorized"))
    );
    peer.answer(&stop, json!({})).await;
    peer.expect_status(1, "Finishing").await;
}

#[tokio::test]
async fn a_full_vehicle_suspends_and_a_single_phase_one_draws_on_one_phase() {
    let server = Server::start().await;
    let spec = ChargerSpec {
        connectors: vec![ConnectorSpec { dc: false, max_w: 22_080.0, phases: 3 }; 2],
        pace: metering(),
        ..ChargerSpec::ac("CP", 0.0)
    };
    let charger = server.charger(spec);
    let mut peer = server.accept_booted().await;
    assert!(charger.handle.plug_in(1, Vehicle { soc: 1.0, ..bus() }).await);
    peer.start_transaction(1).await;
    peer.expect_status(1, "SuspendedEV").await;
    assert!(charger.handle.plug_in(2, Vehicle { phases: 1, max_ac_w: 11_000.0, ..bus() }).await);
    let view = charger.until(|view| view.connectors[1].status == Status::Preparing).await;
    assert_eq!(view.connectors[1].power_w, 0.0);
    loop {
        let call = peer.next().await.unwrap();
        match call.action.as_str() {
            "Authorize" => peer.answer(&call, json!({"idTagInfo": {"status": "Accepted"}})).await,
            "StartTransaction" => {
                let answer = json!({"transactionId": 2, "idTagInfo": {"status": "Accepted"}});
                peer.answer(&call, answer).await;
            }
            "MeterValues" if call.payload["connectorId"] == 2 => {
                let values = call.payload["meterValue"][0]["sampledValue"].as_array().unwrap();
                let phases = values.iter().filter(|value| value["measurand"] == "Current.Import").count();
                assert_eq!(phases, 1);
                assert_eq!(call.sampled("Power.Active.Import"), 7_360.0);
                assert_eq!(call.sampled("Current.Import"), 32.0);
                return;
            }
            _ => peer.answer(&call, json!({})).await,
        }
    }
}

#[tokio::test]
async fn a_charger_that_never_meters_sends_no_meter_values() {
    let server = Server::start().await;
    let habits = Habits { never_meters: true, ..Habits::default() };
    let spec = ChargerSpec { habits, pace: metering(), ..ChargerSpec::dc("CP", 3_600_000.0) };
    let charger = server.charger(spec);
    let mut peer = server.accept_booted().await;
    assert!(charger.handle.plug_in(1, Vehicle { max_dc_w: 3_600_000.0, ..bus() }).await);
    peer.start_transaction(1).await;
    // More than two intervals of energy, and then the stop is the next call but for reports.
    charger.until(|view| view.connectors[0].register_wh > 2_100).await;
    charger.handle.unplug(1).await.unwrap();
    peer.expect("StopTransaction").await;
}
