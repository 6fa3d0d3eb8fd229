//! A process that is killed at any moment has lost nothing that it acknowledged.

use std::{
    net::{SocketAddr, TcpListener},
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::{Value, json};

use crate::{
    raw_charger::{RawCharger, reading, start, stop},
    whole::{get, send, sign_in, until},
};

struct Server {
    process: Child,
    connect: SocketAddr,
    client: reqwest::Client,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have been killed already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn free() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

impl Server {
    async fn start(folder: &std::path::Path, internal: SocketAddr, connect: SocketAddr) -> Self {
        let process = Command::new(env!("CARGO_BIN_EXE_manage"))
            .arg("serve")
            .current_dir(folder)
            .env("MANAGE_DATA_DIR", folder)
            .env("MANAGE_LOG", "warn")
            .env("MANAGE_INTERNAL__BIND", internal.to_string())
            .env("MANAGE_PUBLIC__BIND", free().to_string())
            .env("MANAGE_CONNECT__BIND", connect.to_string())
            .env("MANAGE_ADMIN__PASSWORD", "a test's password")
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let client = reqwest::Client::builder().timeout(Duration::from_secs(5)).build().unwrap();
        let server = Self { process, connect, client };
        let url = format!("http://{internal}/readyz");
        until("the server to be ready", || async {
            server.client.get(&url).send().await.ok().filter(|answer| answer.status().is_success()).map(drop)
        })
        .await;
        server
    }

    /// SIGKILL: nothing is flushed, nobody says goodbye.
    fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_before_a_kill_is_there_once_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let (internal, connect) = (free(), free());
    let server = Server::start(folder.path(), internal, connect).await;
    let token = sign_in(&server.client, internal).await;
    let post = async |path: &str, body: Value| {
        send(&server.client, internal, &token, reqwest::Method::POST, path, body).await
    };
    let depot = post("/depots", json!({"code": "A", "name": "A"})).await["id"].clone();
    for index in 0..4 {
        let charger = json!({"identity": format!("CP-{index}"), "depot_id": depot, "max_power_kw": 22});
        post("/charge-points", charger).await;
    }
    post("/id-tags", json!({"value": "TAG-1"})).await;

    let endpoint = format!("ws://{}/ocpp", server.connect);
    let load = (0..4).map(|index| {
        let endpoint = endpoint.clone();
        tokio::spawn(async move {
            let mut charger = RawCharger::connect(&endpoint, &format!("CP-{index}")).await;
            let begun = charger.call("StartTransaction", start(1, "TAG-1", 0, 0)).await;
            let number = begun["transactionId"].as_i64().unwrap();
            for minute in 1..=20 {
                charger.call("MeterValues", reading(1, Some(number), i64::from(minute) * 10, minute)).await;
            }
            if index % 2 == 0 {
                charger.call("StopTransaction", stop(number, 500, 30)).await;
            }
            // More that nobody acknowledges before the kill.
            for minute in 31..50 {
                charger.say("MeterValues", reading(1, Some(number), i64::from(minute) * 10, minute)).await;
            }
            number
        })
    });
    let mut numbers = Vec::new();
    for charger in load.collect::<Vec<_>>() {
        numbers.push(charger.await.unwrap());
    }
    server.kill();

    let server = Server::start(folder.path(), internal, connect).await;
    let token = sign_in(&server.client, internal).await;
    let sessions =
        get(&server.client, internal, &token, "/transactions").await["items"].as_array().unwrap().clone();
    assert_eq!(sessions.len(), 4);
    for session in &sessions {
        let number = session["ocpp_transaction_id"].as_i64().unwrap();
        let index = numbers.iter().position(|known| *known == number).unwrap();
        assert_eq!(session["state"] == "finished", index % 2 == 0, "{session}");
        let path = format!("/transactions/{}/readings?limit=500", session["id"].as_str().unwrap());
        let readings =
            get(&server.client, internal, &token, &path).await["items"].as_array().unwrap().clone();
        let registers: Vec<i64> =
            readings.iter().map(|reading| reading["energy_wh"].as_i64().unwrap()).collect();
        assert_eq!(registers[..20], (1..=20).map(|minute| minute * 10).collect::<Vec<_>>()[..]);
        let mut once = registers.clone();
        once.dedup();
        assert_eq!(once, registers);
    }
    // A start that is repeated after the kill is the same transaction.
    let mut charger = RawCharger::connect(&format!("ws://{}/ocpp", server.connect), "CP-0").await;
    let again = charger.call("StartTransaction", start(1, "TAG-1", 0, 0)).await;
    assert_eq!(again["transactionId"].as_i64(), Some(numbers[0]));
}
