//! Orders find their charger, whichever gateway holds it.

use std::time::Duration;

use serde_json::json;

use super::Cluster;
use crate::{raw_charger::RawCharger, whole::until};

/// Gives an order and waits for its end.
async fn ordered(cluster: &Cluster, charger: &str) -> String {
    let order =
        cluster.post(&format!("/charge-points/{charger}/commands"), json!({"type": "clear_cache"})).await;
    let path = format!("/commands/{}", order["id"].as_str().unwrap());
    until("the order to end", || async {
        let state = cluster.get(&path).await["state"].as_str().unwrap().to_owned();
        (state != "requested" && state != "sent").then_some(state)
    })
    .await
}

/// Keeps a charger answering until it is let go.
fn answering(mut charger: RawCharger) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move { while charger.frame().await.is_some() {} })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_reaches_a_charger_on_either_gateway_and_one_that_moves() {
    let Some(cluster) = Cluster::start(2, 2).await else { return };
    let (_, ids) = cluster.yard(3).await;

    let mut first = RawCharger::connect(&cluster.endpoint(0), "CP-0").await;
    let mut second = RawCharger::connect(&cluster.endpoint(1), "CP-1").await;
    assert_eq!(first.boot().await["status"], "Accepted");
    assert_eq!(second.boot().await["status"], "Accepted");
    let (first, _second) = (answering(first), answering(second));
    cluster.online(&ids[0], true).await;
    cluster.online(&ids[1], true).await;
    assert_eq!(ordered(&cluster, &ids[0]).await, "accepted");
    assert_eq!(ordered(&cluster, &ids[1]).await, "accepted");
    // Nobody holds the third.
    assert_eq!(ordered(&cluster, &ids[2]).await, "unreachable");

    // The first appears at the other gateway; the one it left learns of it and lets go.
    let mut moved = RawCharger::connect(&cluster.endpoint(1), "CP-0").await;
    assert_eq!(moved.boot().await["status"], "Accepted");
    let _moved = answering(moved);
    tokio::time::timeout(Duration::from_secs(20), first).await.expect("the old socket is closed").unwrap();
    cluster.online(&ids[0], true).await;
    assert_eq!(ordered(&cluster, &ids[0]).await, "accepted");
}

#[tokio::test(flavor = "multi_thread")]
async fn chargers_of_a_gateway_that_died_are_known_to_be_gone() {
    let Some(mut cluster) = Cluster::start(2, 1).await else { return };
    let (_, ids) = cluster.yard(2).await;
    let mut dies = RawCharger::connect(&cluster.endpoint(0), "CP-0").await;
    let mut stays = RawCharger::connect(&cluster.endpoint(1), "CP-1").await;
    dies.boot().await;
    stays.boot().await;
    let (_dies, _stays) = (answering(dies), answering(stays));
    cluster.online(&ids[0], true).await;
    cluster.online(&ids[1], true).await;
    cluster.gateways[0].kill();
    // Its entry ends after a minute, and is then missed for half of one.
    tokio::time::timeout(Duration::from_secs(150), async {
        while cluster.get(&format!("/charge-points/{}", ids[0])).await["online"] == true {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    })
    .await
    .expect("a charger without a gateway is offline");
    cluster.online(&ids[1], true).await;
    assert_eq!(ordered(&cluster, &ids[1]).await, "accepted");
}
