//! An operator of the product: makes what stations need, and counts what was kept.

use anyhow::{Context, bail};
use reqwest::{Client, Method};
use serde_json::{Value, json};

pub(crate) const PASSWORD: &str = "a bench's password";
/// The first administrator.
pub(crate) const ADMIN: &str = "admin@example.com";
/// The tag of every station.
pub(crate) const TAG: &str = "LOAD";
/// What identities begin with.
pub(crate) const PREFIX: &str = "LOAD";

/// Stations of a depot, at most: a large yard.
const YARD: usize = 200;

pub(crate) struct Operator {
    client: Client,
    base: String,
    pub(crate) token: String,
}

impl Operator {
    /// Signs in with the password that all have here.
    pub(crate) async fn sign_in(address: String, email: &str) -> anyhow::Result<Self> {
        let base = format!("http://{address}/api/v1");
        let mut operator = Self { client: Client::new(), base, token: String::new() };
        let who = json!({"email": email, "password": PASSWORD});
        let answer = operator.ask(Method::POST, "/auth/token", Some(who)).await?;
        operator.token = answer["access_token"].as_str().context("no token")?.to_owned();
        Ok(operator)
    }

    pub(crate) async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> anyhow::Result<Value> {
        let mut request = self.client.request(method, format!("{}{path}", self.base));
        if !self.token.is_empty() {
            request = request.bearer_auth(&self.token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await?;
        let status = answer.status();
        let answer: Value = answer.json().await?;
        if !status.is_success() {
            bail!("{path}: {status} {answer}");
        }
        Ok(answer)
    }

    /// So many stations, in as many depots as it takes.
    pub(crate) async fn furnish(&self, stations: usize) -> anyhow::Result<()> {
        self.ask(Method::POST, "/id-tags", Some(json!({"value": TAG}))).await?;
        for first in (0..stations).step_by(YARD) {
            self.furnish_depot(first..stations.min(first + YARD)).await?;
        }
        Ok(())
    }

    /// One depot with these stations, under a grid connection.
    async fn furnish_depot(&self, stations: std::ops::Range<usize>) -> anyhow::Result<()> {
        let name = format!("Load {}", stations.start);
        let depot = json!({"code": format!("L{}", stations.start), "name": name});
        let depot = self.ask(Method::POST, "/depots", Some(depot)).await?["id"].clone();
        let path = format!("/depots/{}/circuits", depot.as_str().context("no id")?);
        let grid = json!({"name": "Grid", "kind": "grid_connection", "limit_kw": 10 * stations.len()});
        self.ask(Method::POST, &path, Some(grid)).await?;
        for index in stations {
            let identity = format!("{PREFIX}-{index}");
            let station = json!({"identity": identity, "depot_id": depot, "max_power_kw": 22, "evses": [{}]});
            self.ask(Method::POST, "/charge-points", Some(station)).await?;
        }
        Ok(())
    }

    async fn list(&self, path: &str) -> anyhow::Result<Vec<Value>> {
        let (mut items, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = self.ask(Method::GET, &format!("{path}?limit=500{cursor}"), None).await?;
            items.extend(page["items"].as_array().context("no list")?.iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(items),
            }
        }
    }

    /// Finished transactions, and the readings of all.
    pub(crate) async fn stored(&self) -> anyhow::Result<(usize, usize)> {
        let transactions = self.list("/transactions").await?;
        let finished = transactions.iter().filter(|found| found["state"] == "finished").count();
        let mut readings = 0;
        for transaction in &transactions {
            let id = transaction["id"].as_str().context("no id")?;
            readings += self.list(&format!("/transactions/{id}/readings")).await?.len();
        }
        Ok((finished, readings))
    }

    pub(crate) async fn online(&self) -> anyhow::Result<usize> {
        let online = self.list("/charge-points").await?;
        Ok(online.iter().filter(|station| station["online"] == true).count())
    }
}
