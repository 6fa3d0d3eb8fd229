//! Whatever goes away under load: nothing acknowledged is lost, and nothing takes effect twice.

use std::time::Duration;

use serde_json::Value;

use super::{
    Cluster,
    load::{Load, Session},
};
use crate::whole::until;

const CHARGERS: usize = 8;
/// How long workers may take to record what was acknowledged meanwhile.
const RECOVERY: Duration = Duration::from_secs(120);

/// What the database has is what the chargers were told it has.
async fn whole_and_once(cluster: &Cluster, sessions: &[Session]) {
    let finished = async {
        loop {
            let stored = cluster.list("/transactions").await;
            let finished = stored.iter().all(|session| session["state"] == "finished");
            if finished && stored.len() >= sessions.len() {
                return stored;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    // What is acknowledged waits in the log until a worker has found back to its partitions.
    let stored = tokio::time::timeout(RECOVERY, finished).await;
    let stored = stored.unwrap_or_else(|_| {
        let said: Vec<String> = cluster.workers.iter().map(super::Server::said).collect();
        panic!("not every session is finished; the workers say: {said:#?}")
    });
    assert_eq!(stored.len(), sessions.len(), "a session was recorded twice");
    for session in sessions {
        let same = |stored: &&Value| stored["ocpp_transaction_id"].as_i64() == Some(session.number);
        let stored = stored.iter().find(same).expect("the number that the charger was told");
        let readings =
            cluster.list(&format!("/transactions/{}/readings", stored["id"].as_str().unwrap())).await;
        let mut registers: Vec<i64> =
            readings.iter().map(|reading| reading["energy_wh"].as_i64().unwrap()).collect();
        registers.sort_unstable();
        assert_eq!(registers, session.registers, "of session {}", session.number);
        let last = session.registers.last().copied().unwrap_or_default() + 10;
        assert_eq!(stored["energy_wh"].as_i64(), Some(last));
    }
    // An event for every start and stop, each once in the outbox and all of them published.
    let dead = cluster.list("/admin/dead-letters").await;
    assert!(dead.is_empty(), "{dead:?}");
}

fn endpoints(cluster: &Cluster) -> Vec<String> {
    vec![cluster.endpoint(0), cluster.endpoint(1)]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_and_a_worker_that_are_killed_lose_nothing_and_repeat_nothing() {
    let Some(mut cluster) = Cluster::start(2, 2).await else { return };
    cluster.yard(CHARGERS).await;
    let load = Load::start(&endpoints(&cluster), 0, CHARGERS);
    load.goes_on(200).await;
    cluster.gateways[0].kill();
    load.goes_on(200).await;
    cluster.workers[0].kill();
    load.goes_on(200).await;
    let sessions = load.finish().await;
    assert!(sessions.iter().any(|session| session.connections > 1), "nobody had to move");
    whole_and_once(&cluster, &sessions).await;
}

async fn without_redis(cluster: &mut Cluster, load: &Load) {
    cluster.redis.stop().unwrap();
    down(cluster, "cache").await;
    load.goes_on(200).await;
    cluster.redis.start_again().unwrap();
    up(cluster).await;
    load.goes_on(200).await;
}

async fn without_postgresql(cluster: &mut Cluster, load: &Load) {
    cluster.postgres.stop().unwrap();
    down(cluster, "database").await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    cluster.postgres.start_again().unwrap();
    up(cluster).await;
    load.goes_on(200).await;
}

async fn without_kafka(cluster: &mut Cluster, load: &Load) {
    cluster.kafka.stop().unwrap();
    down(cluster, "events").await;
    let before = load.acknowledged();
    tokio::time::sleep(Duration::from_secs(60)).await;
    let meanwhile = load.acknowledged() - before;
    assert!(meanwhile <= CHARGERS, "{meanwhile} readings were acknowledged without being kept");
    cluster.kafka.start_again().unwrap();
    up(cluster).await;
    load.goes_on(200).await;
}

/// A cluster under load loses these backends one after the other.
async fn goes_through(absences: impl AsyncFnOnce(&mut Cluster, &Load)) {
    let Some(mut cluster) = Cluster::start(2, 2).await else { return };
    let (depot, _) = cluster.yard(CHARGERS).await;
    let load = Load::start(&endpoints(&cluster), 0, CHARGERS);
    load.goes_on(200).await;
    absences(&mut cluster, &load).await;
    let sessions = load.finish().await;
    whole_and_once(&cluster, &sessions).await;
    // What chargers may draw by all they were told stayed within the limit.
    let allocation = cluster.get(&format!("/depots/{depot}/allocation")).await;
    let circuit = &allocation["circuits"][0];
    assert!(circuit["used_kw"].as_f64().unwrap() <= circuit["limit_kw"].as_f64().unwrap(), "{circuit}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_redis_everything_goes_on() {
    goes_through(without_redis).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_postgresql_calls_wait_in_the_log() {
    goes_through(without_postgresql).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_kafka_chargers_wait() {
    goes_through(without_kafka).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_absence_after_the_other_costs_no_more_than_each() {
    goes_through(async |cluster, load| {
        without_redis(cluster, load).await;
        without_postgresql(cluster, load).await;
        without_kafka(cluster, load).await;
    })
    .await;
}

/// Every server says that this backend is down, and only this one.
async fn down(cluster: &Cluster, backend: &str) {
    for server in servers(cluster) {
        until("readiness to name the backend", || async {
            let readiness = cluster.readiness(server).await;
            let down: Vec<&Value> = readiness["backends"]
                .as_array()?
                .iter()
                .filter(|state| state["state"] != "up")
                .map(|state| &state["name"])
                .collect();
            (down == [backend]).then_some(())
        })
        .await;
    }
}

/// Every server is ready again, none of them was started anew.
async fn up(cluster: &Cluster) {
    for server in servers(cluster) {
        until("readiness to come back", || async {
            (cluster.readiness(server).await["state"] == "ready").then_some(())
        })
        .await;
    }
}

fn servers(cluster: &Cluster) -> impl Iterator<Item = &super::Server> {
    cluster.gateways.iter().chain(&cluster.workers).chain([&cluster.api])
}
