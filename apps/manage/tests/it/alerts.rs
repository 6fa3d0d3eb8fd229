//! From a charger's fault to whoever is told, through the whole product.

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
};

use crate::{
    raw_charger::RawCharger,
    whole::{Whole, until},
};

/// Takes one request: its head and its body.
async fn receive(listener: &TcpListener) -> (String, Value) {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut reader = BufReader::new(&mut stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert!(reader.read_line(&mut head).await.unwrap() > 0, "{head}");
    }
    let head = head.to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    reader.read_exact(&mut body).await.unwrap();
    stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").await.unwrap();
    (head, serde_json::from_slice(&body).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_is_an_alert_a_webhook_and_an_event() {
    let whole = Whole::start().await;
    let (depot, _) = whole.depot(400.0).await;
    let id = whole.charger(&depot, "CP-1").await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let pace = json!({"type": "at_once", "group_seconds": 0});
    whole.post("/alert-rules", json!({"name": "R", "webhook": {"url": url}, "pace": pace})).await;
    let mut events = whole.open(&format!("/events?types=manage.alert.*&depot_id={depot}")).await;
    assert_eq!(events.headers()["content-type"], "text/event-stream");

    let mut charger = RawCharger::connect(&whole.endpoint(), "CP-1").await;
    charger.boot().await;
    let status = json!({"connectorId": 1, "errorCode": "GroundFailure", "status": "Faulted"});
    charger.call("StatusNotification", status).await;

    let (head, body) = receive(&listener).await;
    let told = &body["data"]["alerts"][0];
    assert_eq!((&body["type"], &told["severity"]), (&json!("alerts.notified"), &json!("critical")));
    assert_eq!((&told["charge_point_id"], &told["connector_number"]), (&json!(id), &json!(1)));
    assert!(head.contains("webhook-signature: v1,"), "{head}");
    let alert = whole.list("/alerts?state=open").await.remove(0);
    let path = format!("/alerts/{}/deliveries", alert["id"].as_str().unwrap());
    let sent = until("the log to say so", || async {
        whole.list(&path).await.into_iter().find(|delivery| delivery["state"] == "sent")
    })
    .await;
    assert!(head.contains(&format!("webhook-id: {}", sent["id"].as_str().unwrap())), "{head}");

    let mut text = String::new();
    while !text.contains("event: manage.alert.raised.v1") {
        text.push_str(std::str::from_utf8(&events.chunk().await.unwrap().unwrap()).unwrap());
    }
    let path = format!("/charge-points/{id}/uptime?from=2026-01-01T00:00:00Z&to=2026-12-31T00:00:00Z");
    let uptime = whole.get(&path).await;
    assert_eq!(uptime["connectors"].as_array().unwrap().len(), 2);
    // The stream does not keep the product from stopping.
    whole.stop().await;
    while events.chunk().await.unwrap().is_some() {}
}
