//! A charger that shares no code with us: the library `ocpp` from PyPI.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};

use crate::whole::{Whole, until};

struct PythonCharger {
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    _process: Child,
}

impl PythonCharger {
    async fn start(python: &str, endpoint: &str, identity: &str, password: &str) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/charger.py");
        let mut process = Command::new(python)
            .args([script, endpoint, identity, password])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let input = process.stdin.take().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut charger = Self { input, output, _process: process };
        assert_eq!(charger.line().await, json!({"connected": "ocpp1.6"}));
        charger
    }

    async fn line(&mut self) -> Value {
        let line = self.output.next_line().await.unwrap().expect("the charger still runs");
        serde_json::from_str(&line).unwrap()
    }

    async fn tell(&mut self, line: Value) {
        self.input.write_all(format!("{line}\n").as_bytes()).await.unwrap();
    }

    /// Calls the server; orders of the server that are told in between are skipped.
    async fn call(&mut self, action: &str, payload: Value) -> Value {
        self.tell(json!([action, payload])).await;
        loop {
            let line = self.line().await;
            if line.get("call").is_none() {
                return line.get("answer").cloned().unwrap_or_else(|| panic!("{action}: {line}"));
            }
        }
    }

    async fn wait(&mut self, action: &str) {
        self.tell(json!(["wait", action])).await;
        while self.line().await != json!({"waited": action}) {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_independent_charger_charges_and_obeys() {
    let Ok(python) = std::env::var("MANAGE_TEST_PYTHON") else {
        assert!(std::env::var_os("MANAGE_TEST_REQUIRE_SERVICES").is_none(), "MANAGE_TEST_PYTHON must be set");
        eprintln!("skipped: MANAGE_TEST_PYTHON is not set (`cargo xtask test` sets it)");
        return;
    };
    let whole = Whole::start().await;
    let (depot, _) = whole.depot(400.0).await;
    let body =
        json!({"identity": "PY-1", "depot_id": depot, "max_power_kw": 22, "password": "a long password"});
    let id = whole.post("/charge-points", body).await["id"].as_str().unwrap().to_owned();
    whole.tag("04A2F19C0E77").await;
    let mut charger = PythonCharger::start(&python, &whole.endpoint(), "PY-1", "a long password").await;

    let boot = json!({"charge_point_model": "M", "charge_point_vendor": "V", "firmware_version": "1.2"});
    assert_eq!(charger.call("BootNotification", boot).await["status"], json!("Accepted"));
    // The settings are asked for at boot.
    charger.wait("GetConfiguration").await;
    let status = json!({"connector_id": 1, "error_code": "NoError", "status": "Preparing"});
    charger.call("StatusNotification", status).await;
    let info = charger.call("Authorize", json!({"id_tag": "04a2f19c0e77"})).await;
    assert_eq!(info["id_tag_info"]["status"], json!("Accepted"));
    let start = json!({"connector_id": 1, "id_tag": "04A2F19C0E77", "meter_start": 1_000, "timestamp": "2026-03-02T08:00:00Z"});
    let number = charger.call("StartTransaction", start).await["transaction_id"].as_i64().unwrap();
    // The control gives the new session power.
    charger.wait("SetChargingProfile").await;
    for minute in 1..=3 {
        let sample = json!({"value": (1_000 + minute * 100).to_string(), "unit": "Wh"});
        let value = json!({"timestamp": format!("2026-03-02T08:0{minute}:00Z"), "sampled_value": [sample]});
        charger
            .call("MeterValues", json!({"connector_id": 1, "transaction_id": number, "meter_value": [value]}))
            .await;
    }
    let session = whole.list("/transactions").await.remove(0);
    let path = format!("/transactions/{}", session["id"].as_str().unwrap());
    let order = whole.post(&format!("{path}/stop"), json!({})).await;
    charger.wait("RemoteStopTransaction").await;
    let stop = json!({"meter_stop": 1_400, "timestamp": "2026-03-02T08:04:00Z", "transaction_id": number, "reason": "Remote"});
    charger.call("StopTransaction", stop).await;

    let ended = whole.get(&path).await;
    assert_eq!(
        (&ended["state"], &ended["energy_wh"], &ended["stop_reason"]),
        (&json!("finished"), &json!(400), &json!("Remote"))
    );
    let readings = whole.list(&format!("{path}/readings")).await;
    assert_eq!(
        readings.iter().map(|r| r["energy_wh"].clone()).collect::<Vec<_>>(),
        [json!(1_100), json!(1_200), json!(1_300)]
    );

    for body in [
        json!({"type": "reset", "kind": "soft"}),
        json!({"type": "change_availability", "connector_number": 1, "availability": "inoperative"}),
        json!({"type": "get_configuration"}),
        json!({"type": "trigger_message", "message": "heartbeat"}),
        json!({"type": "clear_cache"}),
    ] {
        let order = whole.post(&format!("/charge-points/{id}/commands"), body).await;
        let path = format!("/commands/{}", order["id"].as_str().unwrap());
        until("an order to be accepted", || async {
            (whole.get(&path).await["state"] == "accepted").then_some(())
        })
        .await;
    }
    assert!(order["id"].is_string() || order["command_id"].is_string(), "{order}");
    whole.stop().await;
}
