//! Several gateways, workers and servers, each a process of its own, over real services of their
//! own: they can be killed, paused and taken away without anybody else noticing.

mod commands;
mod faults;
mod frames;
mod load;
mod server;
mod storm;
mod takeover;

use std::{path::Path, sync::Arc, time::Duration};

use serde_json::{Value, json};
use test_services::{Durability, Kafka, Postgres, Redis};
use tokio::sync::{Mutex, MutexGuard};

pub use self::server::Server;
use crate::whole::{get, id, send, sign_in, until};

/// An installation. Its processes and services end with it.
pub struct Cluster {
    pub api: Server,
    pub gateways: Vec<Server>,
    pub workers: Vec<Server>,
    pub postgres: Postgres,
    pub redis: Redis,
    pub kafka: Kafka,
    client: reqwest::Client,
    token: String,
    folder: Arc<tempfile::TempDir>,
    /// Given back last.
    _turn: MutexGuard<'static, ()>,
}

/// A cluster is a dozen processes: two at once would test how they share a small machine.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

impl Drop for Cluster {
    fn drop(&mut self) {
        for server in self.gateways.iter_mut().chain(&mut self.workers).chain([&mut self.api]) {
            server.kill();
        }
        // A service that a test has stopped is stopped already.
        let _ = self.kafka.stop();
        let _ = self.redis.stop();
        let _ = self.postgres.stop();
    }
}

impl Cluster {
    /// `None` where services are neither there nor required.
    pub async fn start(gateways: usize, workers: usize) -> Option<Self> {
        Self::start_with(gateways, workers, None).await
    }

    /// As [`Self::start`], with documents kept elsewhere than in a file that all share.
    pub async fn start_with(gateways: usize, workers: usize, documents: Option<String>) -> Option<Self> {
        if std::env::var_os("MANAGE_TEST_REQUIRE_SERVICES").is_none() {
            eprintln!("skipped: MANAGE_TEST_REQUIRE_SERVICES is not set (`cargo xtask test` sets it)");
            return None;
        }
        let turn = ONE_AT_A_TIME.lock().await;
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let base = folder.path().to_owned();
        let services = tokio::task::spawn_blocking(move || services(&base));
        let (postgres, redis, kafka) = services.await.unwrap();
        let settings = Settings {
            database: postgres.url.clone(),
            events: format!("{}?partitions=4", kafka.url),
            cache: redis.url.clone(),
            documents: documents.unwrap_or_default(),
        };
        // One after the other: the first makes schema and topics.
        let api = Server::start("api-internal", &settings, folder.path()).await;
        let mut cluster = Self {
            token: String::new(),
            client: reqwest::Client::builder().timeout(Duration::from_secs(30)).build().unwrap(),
            gateways: Vec::new(),
            workers: Vec::new(),
            api,
            postgres,
            redis,
            kafka,
            folder,
            _turn: turn,
        };
        for _ in 0..workers {
            cluster.workers.push(Server::start("worker", &settings, cluster.folder.path()).await);
        }
        for _ in 0..gateways {
            cluster.gateways.push(Server::start("connect", &settings, cluster.folder.path()).await);
        }
        cluster.token = sign_in(&cluster.client, cluster.api.address).await;
        Some(cluster)
    }

    pub async fn get(&self, path: &str) -> Value {
        get(&self.client, self.api.address, &self.token, path).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Value {
        send(&self.client, self.api.address, &self.token, reqwest::Method::POST, path, body).await
    }

    /// All items of a list.
    pub async fn list(&self, path: &str) -> Vec<Value> {
        let (mut items, mut cursor) = (Vec::new(), String::new());
        loop {
            let sign = if path.contains('?') { '&' } else { '?' };
            let page = self.get(&format!("{path}{sign}limit=500{cursor}")).await;
            items.extend(page["items"].as_array().unwrap().iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return items,
            }
        }
    }

    /// A depot with so many chargers, `CP-0` and so on, and a tag `TAG-1`; the chargers' ids.
    pub async fn yard(&self, chargers: usize) -> (String, Vec<String>) {
        let depot = id(&self.post("/depots", json!({"code": "A", "name": "A"})).await);
        let grid = json!({"name": "Grid", "kind": "grid_connection", "limit_kw": 100});
        self.post(&format!("/depots/{depot}/circuits"), grid).await;
        self.post("/id-tags", json!({"value": "TAG-1"})).await;
        let mut ids = Vec::new();
        for index in 0..chargers {
            let charger = json!({
                "identity": format!("CP-{index}"), "depot_id": depot, "max_power_kw": 50, "current_type": "dc",
                "min_power_kw": 5,
            });
            ids.push(id(&self.post("/charge-points", charger).await));
        }
        (depot, ids)
    }

    /// Where chargers connect.
    pub fn endpoint(&self, gateway: usize) -> String {
        format!("ws://{}/ocpp", self.gateways[gateway].address)
    }

    /// Waits until the gateways know that a charger is there.
    pub async fn online(&self, charger: &str, wanted: bool) {
        until("the charger to come or go", || async {
            let found = self.get(&format!("/charge-points/{charger}")).await;
            (found["online"] == wanted).then_some(())
        })
        .await;
    }

    /// What readiness says of each server, by backend.
    pub async fn readiness(&self, server: &Server) -> Value {
        let answer = self.client.get(format!("http://{}/readyz", server.address)).send().await.unwrap();
        answer.json().await.unwrap()
    }
}

/// Where processes find what they share.
pub struct Settings {
    database: String,
    events: String,
    cache: String,
    documents: String,
}

fn services(folder: &Path) -> (Postgres, Redis, Kafka) {
    (
        Postgres::start(&folder.join("postgres"), Durability::Full).unwrap(),
        Redis::start(&folder.join("redis")).unwrap(),
        Kafka::start(&folder.join("kafka")).unwrap(),
    )
}
