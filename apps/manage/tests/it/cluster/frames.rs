//! The frames of several gateways in one log, whoever is killed on their way.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::{Cluster, load::Load};

const CHARGERS: usize = 4;
/// How long workers may take to write what gateways have published.
const RECOVERY: Duration = Duration::from_secs(120);

#[tokio::test(flavor = "multi_thread")]
async fn every_frame_of_every_gateway_is_found_once() {
    let Some(endpoint) = testkit::service("MANAGE_TEST_DYNAMODB_URL").unwrap() else { return };
    #[expect(clippy::disallowed_methods, reason = "a name that no other test process takes")]
    let name = uuid::Uuid::now_v7().simple();
    let documents = format!("dynamodb://test:test@local?endpoint={endpoint}&prefix=t{name}-");
    let Some(mut cluster) = Cluster::start_with(2, 2, Some(documents)).await else { return };
    let (_, chargers) = cluster.yard(CHARGERS).await;
    let load = Load::start(&[cluster.endpoint(0), cluster.endpoint(1)], 0, CHARGERS);
    load.goes_on(100).await;
    // Between writing a batch and saying so, more likely than not.
    cluster.workers[0].kill();
    load.goes_on(100).await;
    let sessions = load.finish().await;

    for (index, session) in sessions.iter().enumerate() {
        assert_eq!(session.connections, 1, "nobody but a worker was killed");
        let expected = session.registers.len();
        let readings = format!("/message-log?charge_point_id={}&action=MeterValues", chargers[index]);
        let found = async {
            loop {
                let frames = cluster.list(&readings).await;
                if frames.len() >= 2 * expected {
                    return frames;
                }
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        };
        let frames = tokio::time::timeout(RECOVERY, found).await.expect("frames are missing");
        assert_eq!(frames.len(), 2 * expected);
        let ids: BTreeSet<&str> = frames.iter().map(|frame| frame["id"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), frames.len());
        // Each call with its answer, the newest first.
        let mut by_message: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for frame in &frames {
            let of_message = by_message.entry(frame["message_id"].as_str().unwrap()).or_default();
            of_message.push(frame["message_type"].as_str().unwrap());
        }
        assert_eq!(by_message.len(), expected);
        assert!(by_message.values().all(|types| *types == ["result", "call"]));
    }
    // Those of all gateways together.
    let started = cluster.list("/message-log?action=StartTransaction&direction=out&outcome=accepted").await;
    assert_eq!(started.len(), CHARGERS);
}
