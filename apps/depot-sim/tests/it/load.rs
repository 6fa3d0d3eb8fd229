//! The load against a server that holds every frame to the schemas and keeps count itself.

use std::time::Duration;

use depot_sim::load::{LoadReport, LoadSpec, load};
use serde_json::json;
use tokio::task::JoinSet;

use crate::server::{Call, NOW, Peer, Server};

fn spec(server: &Server, stations: usize, rate: Option<f64>) -> LoadSpec {
    LoadSpec {
        endpoint: server.endpoint().to_string(),
        prefix: "LOAD".into(),
        stations,
        time: Duration::from_millis(200),
        rate,
        id_tag: "TAG".into(),
        password: Some("secret".into()),
    }
}

/// What a station said until it went; its first meter values are refused.
async fn serve(mut peer: Peer, number: i64) -> Vec<Call> {
    let mut calls = Vec::<Call>::new();
    while let Some(call) = peer.next().await {
        let first = calls.iter().all(|earlier| earlier.action != call.action);
        match call.action.as_str() {
            "BootNotification" => {
                let accepted = json!({"status": "Accepted", "interval": 300, "currentTime": NOW});
                peer.answer(&call, accepted).await;
            }
            "StartTransaction" => {
                let started = json!({"transactionId": number, "idTagInfo": {"status": "Accepted"}});
                peer.answer(&call, started).await;
            }
            "MeterValues" if first => peer.refuse(&call).await,
            _ => peer.answer(&call, json!({})).await,
        }
        calls.push(call);
    }
    calls
}

/// Runs the load, and returns its report with what each station said.
async fn run(server: &Server, spec: LoadSpec) -> (LoadReport, Vec<Vec<Call>>) {
    let stations = spec.stations;
    let report = tokio::spawn(async move { load(&spec).await.unwrap() });
    let mut peers = JoinSet::new();
    for number in (7..).take(stations) {
        let peer = server.accept().await;
        assert!(peer.path.starts_with("/ocpp/LOAD-"), "{}", peer.path);
        assert!(peer.authorization.as_deref().is_some_and(|basic| basic.starts_with("Basic ")));
        peers.spawn(serve(peer, number));
    }
    (report.await.unwrap(), peers.join_all().await)
}

#[tokio::test]
async fn stations_charge_and_every_call_and_error_is_counted() {
    let server = Server::start().await;
    let (report, said) = run(&server, spec(&server, 3, None)).await;
    let mut heard = 0;
    for calls in &said {
        let actions: Vec<_> = calls.iter().map(|call| call.action.as_str()).collect();
        assert_eq!(actions[..3], ["BootNotification", "StatusNotification", "StartTransaction"]);
        assert_eq!(actions.last(), Some(&"StopTransaction"));
        let readings = &calls[3..calls.len() - 1];
        assert!(readings.iter().all(|call| call.action == "MeterValues"));
        let instants: Vec<_> =
            readings.iter().map(|call| call.payload["meterValue"][0]["timestamp"].to_string()).collect();
        assert!(instants.is_sorted_by(|a, b| a < b), "no instant twice: {instants:?}");
        let register = |call: &Call| call.sampled("Energy.Active.Import.Register");
        assert!(readings.is_sorted_by(|a, b| register(a) < register(b)));
        heard += readings.len();
    }
    assert_eq!(report.calls, heard as u64);
    assert_eq!((report.errors, report.missed), (3, 0), "the first of each station is refused");
    assert!(report.milliseconds(0.5) <= report.milliseconds(1.0));
}

#[tokio::test]
async fn what_is_due_at_a_rate_is_either_sent_or_missed() {
    let server = Server::start().await;
    let (report, _) = run(&server, spec(&server, 2, Some(100.0))).await;
    assert_eq!(report.calls + report.missed, 20, "a fifth of a second at a hundred a second");
}
