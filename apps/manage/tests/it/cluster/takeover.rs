//! A worker that sleeps past its turn cannot give orders after it.

use std::time::Duration;

use super::{Cluster, load::Load};
use crate::whole::until;

/// The time of the last step of the control loop.
async fn computed_at(cluster: &Cluster, depot: &str) -> Option<String> {
    let allocation = cluster.get(&format!("/depots/{depot}/allocation")).await;
    allocation["computed_at"].as_str().map(str::to_owned)
}

/// Waits until the control loop has made another step.
async fn steps_on(cluster: &Cluster, depot: &str) {
    let before = computed_at(cluster, depot).await;
    until("the control loop to step", || async {
        let now = computed_at(cluster, depot).await;
        (now.is_some() && now != before).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_slept_past_its_turn_is_fenced_off() {
    let Some(cluster) = Cluster::start(1, 2).await else { return };
    let (depot, _) = cluster.yard(2).await;
    let load = Load::start(&[cluster.endpoint(0)], 0, 2);
    load.goes_on(20).await;
    steps_on(&cluster, &depot).await;

    // Whichever has the turn sleeps again and again, until it slept within a step; the other takes
    // over each time, so the control never rests for long.
    for round in 0..4 {
        let sleeper = &cluster.workers[round % 2];
        sleeper.signal("STOP");
        tokio::time::sleep(Duration::from_secs(12)).await;
        steps_on(&cluster, &depot).await;
        sleeper.signal("CONT");
        steps_on(&cluster, &depot).await;
    }
    let sessions = load.finish().await;
    for session in &sessions {
        assert!(session.limits.iter().all(|limit| *limit <= 50_000.0), "{session:?}");
    }
    for worker in &cluster.workers {
        assert!(!worker.said().contains("a depot cannot be controlled"), "{}", worker.said());
    }
}
