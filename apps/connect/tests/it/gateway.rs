//! Sockets that come, misbehave and go.

use std::time::Duration;

use charge_point::PasswordHash;
use connect_router::{ChargerLink, LinkError};
use kernel::{SecretHasher, testing::PlainHasher};
use serde_json::json;

use crate::{
    client::Client,
    faults::SOON,
    rig::{Rig, until},
};

#[tokio::test]
async fn only_known_chargers_with_their_password_and_protocol_come_in() {
    let rig = Rig::sqlite().await;
    let hash = PlainHasher.hash("right").await.unwrap();
    rig.charger_like("CP-1", |charger| charger.password_hash = Some(PasswordHash::new(hash))).await;
    let protocol = Some("ocpp1.6");
    let status = async |identity, protocol, password| {
        Client::try_open(&rig, identity, protocol, password).await.map(|_| ()).err()
    };
    assert_eq!(status("CP-2", protocol, Some("right")).await, Some(404));
    assert_eq!(status("CP-1", protocol, Some("wrong")).await, Some(401));
    assert_eq!(status("CP-1", protocol, None).await, Some(401));
    assert_eq!(status("CP-1", None, Some("right")).await, Some(400));
    assert_eq!(status("CP-1", Some("ocpp9.9"), Some("right")).await, Some(400));
    assert_eq!(status("CP-1", protocol, Some("right")).await, None);
}

#[tokio::test]
async fn malformed_frames_neither_close_nor_harm() {
    let rig = Rig::sqlite().await;
    rig.charger("CP-1").await;
    let mut client = Client::open(&rig, "CP-1").await;
    let deep = "[".repeat(10_000);
    let frames = [
        "",
        " ",
        "{",
        "}",
        "[",
        "[]",
        "null",
        "true",
        "7",
        "\"x\"",
        "{}",
        "[2]",
        "[2,\"a\"]",
        "[2,\"a\",\"Heartbeat\"]",
        "[2,7,\"Heartbeat\",{}]",
        "[\"2\",\"a\",\"Heartbeat\",{}]",
        "[2,\"a\",5,{}]",
        "[2,\"a\",\"Heartbeat\",[]]",
        "[2,\"a\",\"Heartbeat\",null]",
        "[2,\"a\",\"Nonsense\",{}]",
        "[2,\"\",\"\",{}]",
        "[3]",
        "[3,\"a\"]",
        "[3,\"nobody\",{}]",
        "[4]",
        "[4,\"nobody\",\"X\",\"\",{}]",
        "[4,\"a\",5,6,7]",
        "[99,\"a\",{}]",
        "[-1,\"a\",{}]",
        "[2,\"a\",\"StartTransaction\",{\"connectorId\":-1}]",
        "[2,\"a\",\"MeterValues\",{\"meterValue\":7}]",
        "[2,\"a\",\"Heartbeat\",{}] trailing",
        "[2,\"a\",\"Heartbeat\",{},{},{}]",
        "[1e400,\"a\",{}]",
        "\u{0}",
        "\u{fffd}",
        deep.as_str(),
    ];
    for frame in frames {
        client.text(frame).await;
        client.call("Heartbeat", &json!({})).await;
    }
    assert_eq!(rig.gateway.sockets(), 1);
}

#[tokio::test]
async fn an_oversize_frame_closes_only_its_socket() {
    let rig = Rig::with(|settings| settings.frame_limit_bytes = 4_096).await;
    rig.charger("CP-1").await;
    rig.charger("CP-2").await;
    let mut rude = Client::open(&rig, "CP-1").await;
    let mut other = Client::open(&rig, "CP-2").await;
    rude.text("x".repeat(10_000)).await;
    rude.closed().await;
    until("the rude one is gone", async || rig.gateway.sockets() == 1).await;
    other.call("Heartbeat", &json!({})).await;
}

#[tokio::test]
async fn a_flood_is_slowed_and_nothing_of_it_is_lost() {
    let rig = Rig::with(|settings| settings.frames_per_second = 20).await;
    rig.charger("CP-1").await;
    let mut client = Client::open(&rig, "CP-1").await;
    let begun = tokio::time::Instant::now();
    let mut sent = Vec::new();
    for _ in 0..80 {
        sent.push(client.send("Heartbeat", &json!({})).await);
    }
    for id in sent {
        client.answer(&id).await;
    }
    // 40 are the burst; the other 40 take two seconds.
    assert!(begun.elapsed() >= Duration::from_millis(1_800), "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_hundred_sockets_are_held_at_once() {
    let rig = Rig::sqlite().await;
    for name in 0..300 {
        rig.charger(&format!("CP-{name}")).await;
    }
    let names: Vec<_> = (0..300).map(|name| format!("CP-{name}")).collect();
    let opened = names.iter().map(|name| Client::open(&rig, name));
    let mut clients = futures::future::join_all(opened).await;
    until("all are there", async || rig.gateway.sockets() == 300).await;
    let none = json!({});
    let calls = clients.iter_mut().map(|client| client.call("Heartbeat", &none));
    assert_eq!(futures::future::join_all(calls).await.len(), 300);
    assert_eq!(rig.gateway.sockets(), 300);
}

#[tokio::test]
async fn a_silent_socket_is_closed() {
    let rig =
        Rig::with(|settings| (settings.ping_interval_seconds, settings.idle_timeout_seconds) = (1, 1)).await;
    rig.charger("CP-1").await;
    // It is not read from, so it answers no ping.
    let silent = Client::open(&rig, "CP-1").await;
    until("it was there", async || rig.gateway.sockets() == 1).await;
    until("it is gone", async || rig.gateway.sockets() == 0).await;
    drop(silent);
}

#[tokio::test]
async fn an_order_without_an_answer_times_out_and_a_late_answer_is_ignored() {
    let rig = Rig::sqlite().await;
    let charger = rig.charger("CP-1").await;
    let mut client = Client::open(&rig, "CP-1").await;
    client.call("Heartbeat", &json!({})).await;
    let short = Duration::from_millis(100);
    let outcome = rig.gateway.call(charger.id, "ClearCache", json!({}), short).await;
    assert_eq!(outcome, Err(LinkError::TimedOut));
    let late = client.ordered().await;
    let (outcome, ()) = tokio::join!(rig.gateway.call(charger.id, "ClearCache", json!({}), SOON), async {
        let current = client.ordered().await;
        client.text(json!([3, late[1], {"status": "Rejected"}]).to_string()).await;
        client.text(json!([3, current[1], {"status": "Accepted"}]).to_string()).await;
    });
    assert_eq!(outcome, Ok(json!({"status": "Accepted"})));
}

#[tokio::test]
async fn sockets_are_closed_when_the_gateway_stops() {
    let rig = Rig::sqlite().await;
    let charger = rig.charger("CP-1").await;
    let mut client = Client::open(&rig, "CP-1").await;
    client.call("Heartbeat", &json!({})).await;
    rig.stopping.cancel();
    assert_eq!(client.closed().await, Some(1001));
    rig.gateway.drained().await;
    let outcome = rig.gateway.call(charger.id, "ClearCache", json!({}), SOON).await;
    assert_eq!(outcome, Err(LinkError::Unreachable));
    assert_eq!(Client::try_open(&rig, "CP-1", Some("ocpp1.6"), None).await.map(|_| ()).err(), Some(503));
}
