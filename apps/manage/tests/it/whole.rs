//! A product of its own for every test, and how to ask it.

use std::{future::Future, time::Duration};

use manage::product::{self, Product};
use runtime::{Config, Process, config::Secret};
use serde_json::{Value, json};
use testkit::TestDatabase;

const EMAIL: &str = "admin@example.com";
const PASSWORD: &str = "a test's password";
/// How long anything may take before a test gives up on it.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Whole {
    pub process: Process,
    pub product: Product,
    client: reqwest::Client,
    token: String,
    _database: TestDatabase,
    _folder: tempfile::TempDir,
}

impl Whole {
    /// On a temporary SQLite.
    pub async fn start() -> Self {
        Self::over(TestDatabase::sqlite().unwrap()).await
    }

    pub async fn over(database: TestDatabase) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config { data_dir: folder.path().into(), ..Config::default() };
        config.database.url = Secret::new(database.url());
        config.documents.url =
            Secret::new(format!("sqlite:{}", folder.path().join("documents.db").display()));
        config.admin.password = Secret::new(PASSWORD);
        for bind in [&mut config.internal.bind, &mut config.public.bind, &mut config.connect.bind] {
            bind.set_port(0);
        }
        config.charging.tick_seconds = 1;
        config.connect.call_timeout_seconds = 5;
        config.webhooks.allow_private = true;
        let process = Process::open(config, None).await.unwrap();
        let product = product::start(&process, "test").await.unwrap();
        let client = reqwest::Client::new();
        let token = sign_in(&client, product.internal).await;
        Self { process, product, client, token, _database: database, _folder: folder }
    }

    pub async fn get(&self, path: &str) -> Value {
        get(&self.client, self.product.internal, &self.token, path).await
    }

    /// An answer that goes on.
    pub async fn open(&self, path: &str) -> reqwest::Response {
        let url = format!("http://{}/api/v1{path}", self.product.internal);
        self.client.get(url).bearer_auth(&self.token).send().await.unwrap()
    }

    pub async fn send(&self, method: reqwest::Method, path: &str, body: Value) -> Value {
        send(&self.client, self.product.internal, &self.token, method, path, body).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Value {
        self.send(reqwest::Method::POST, path, body).await
    }

    /// A depot with a grid connection of so many kilowatts; the ids of both.
    pub async fn depot(&self, kilowatts: f64) -> (String, String) {
        let depot = self.post("/depots", json!({"code": "A", "name": "A"})).await;
        let depot = id(&depot);
        let grid = json!({"name": "Grid", "kind": "grid_connection", "limit_kw": kilowatts});
        let grid = self.post(&format!("/depots/{depot}/circuits"), grid).await;
        (depot, id(&grid))
    }

    /// A DC charger of 50 kW with two connectors; its id.
    pub async fn charger(&self, depot: &str, identity: &str) -> String {
        let body = json!({
            "identity": identity, "depot_id": depot, "max_power_kw": 50, "current_type": "dc", "min_power_kw": 5,
            "evses": [{}, {}],
        });
        id(&self.post("/charge-points", body).await)
    }

    pub async fn tag(&self, value: &str) {
        self.post("/id-tags", json!({"value": value})).await;
    }

    /// The items of a list.
    pub async fn list(&self, path: &str) -> Vec<Value> {
        self.get(path).await["items"].as_array().unwrap().clone()
    }

    pub fn endpoint(&self) -> String {
        format!("ws://{}/ocpp", self.product.connect)
    }

    pub async fn stop(self) {
        self.process.lifecycle.stop();
        assert!(self.process.lifecycle.drained().await);
    }
}

pub async fn sign_in(client: &reqwest::Client, internal: std::net::SocketAddr) -> String {
    let answer = client
        .post(format!("http://{internal}/api/v1/auth/token"))
        .json(&json!({"email": EMAIL, "password": PASSWORD}))
        .send()
        .await
        .unwrap();
    let answer: Value = answer.json().await.unwrap();
    answer["access_token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

pub async fn get(client: &reqwest::Client, internal: std::net::SocketAddr, token: &str, path: &str) -> Value {
    let answer =
        client.get(format!("http://{internal}/api/v1{path}")).bearer_auth(token).send().await.unwrap();
    let status = answer.status();
    let body: Value = answer.json().await.unwrap();
    assert!(status.is_success(), "{path}: {status} {body}");
    body
}

pub async fn send(
    client: &reqwest::Client,
    internal: std::net::SocketAddr,
    token: &str,
    method: reqwest::Method,
    path: &str,
    body: Value,
) -> Value {
    let request = client.request(method, format!("http://{internal}/api/v1{path}")).bearer_auth(token);
    let answer = request.json(&body).send().await.unwrap();
    let status = answer.status();
    let answer: Value = answer.json().await.unwrap();
    assert!(status.is_success(), "{path}: {status} {answer}");
    answer
}

pub fn id(body: &Value) -> String {
    body["id"].as_str().unwrap_or_else(|| panic!("{body}")).to_owned()
}

/// Asks again and again until what is asked for is there.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut ask: impl FnMut() -> F) -> T {
    let asking = async {
        loop {
            if let Some(found) = ask().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, asking).await.unwrap_or_else(|_| panic!("waited too long: {what}"))
}
