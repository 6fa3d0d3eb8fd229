//! A day of a small depot.

use std::time::Duration;

use depot_sim::{ChargerSpec, Fleet, FleetSpec, Pace, Shift, VehicleSpec};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::{
    bus,
    server::{NOW, Server},
};

#[tokio::test]
async fn a_vehicle_charges_leaves_for_its_shift_and_comes_back() {
    let server = Server::start().await;
    let pace = Pace { step: Duration::from_millis(5), ..Pace::default() };
    let spec = FleetSpec {
        chargers: vec![ChargerSpec { pace, ..ChargerSpec::dc("CP", 60_000.0) }],
        vehicles: vec![VehicleSpec {
            vehicle: bus(),
            place: (0, 1),
            shifts: vec![Shift { leaves: 300, returns: 1_000, uses: 0.3 }],
        }],
        time_factor: 100_000.0,
        begins_at: 1_020,
        seed: 1,
    };
    let stopping = CancellationToken::new();
    let fleet = tokio::spawn(Fleet::run(spec, server.endpoint(), stopping.clone()));
    let mut peer = server.accept_booted().await;
    let mut sessions = Vec::new();
    while let Some(call) = peer.next().await {
        let answer = match call.action.as_str() {
            "Authorize" => json!({"idTagInfo": {"status": "Accepted"}}),
            "Heartbeat" => json!({"currentTime": NOW}),
            "StartTransaction" => {
                sessions.push("start".to_owned());
                json!({"transactionId": sessions.len(), "idTagInfo": {"status": "Accepted"}})
            }
            "StopTransaction" => {
                sessions.push(call.payload["reason"].as_str().unwrap().to_owned());
                json!({})
            }
            _ => json!({}),
        };
        peer.answer(&call, answer).await;
        if sessions.len() == 3 {
            stopping.cancel();
        }
    }
    assert_eq!(sessions[..3], ["start", "EVDisconnected", "start"]);
    assert_ne!(sessions.last().unwrap(), "start", "the last session is ended when the depot closes");
    fleet.await.unwrap();
}
