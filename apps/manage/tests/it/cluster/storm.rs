//! Everybody comes back at once.

use std::{sync::Arc, time::Duration};

use futures::{SinkExt, StreamExt, stream};
use sea_orm::{ConnectionTrait, Database};
use tokio::{sync::Semaphore, time::timeout};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use super::Cluster;

const CHARGERS: usize = 10_000;
/// Sockets that are being opened at once: as many as a listener's backlog takes.
const AT_ONCE: usize = 1_000;
/// More than what is measured, far less than what grows without bound.
const BYTES_PER_SOCKET: u64 = 60 * 1024;

/// Copies the first charger until there are so many.
async fn multiply(cluster: &Cluster) {
    let database = Database::connect(&cluster.postgres.url).await.unwrap();
    let copies = format!(
        "INSERT INTO charge_point SELECT (jsonb_populate_record(c, \
         jsonb_build_object('id', gen_random_uuid(), 'identity', 'CP-' || n))).* \
         FROM charge_point c, generate_series(1, {}) n WHERE c.identity = 'CP-0'",
        CHARGERS - 1
    );
    database.execute_unprepared(&copies).await.unwrap();
    database.close().await.unwrap();
}

/// Connects until it is let in and its heartbeat is answered, then waits to be let go.
async fn insist(endpoint: String, turns: Arc<Semaphore>, held: Arc<Semaphore>) {
    let mut socket = loop {
        let turn = turns.acquire().await.unwrap();
        let mut request = endpoint.clone().into_client_request().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", "ocpp1.6".parse().unwrap());
        let opened = timeout(Duration::from_secs(60), connect_async(request)).await;
        drop(turn);
        match opened {
            Ok(Ok((socket, _))) => break socket,
            _ => tokio::time::sleep(Duration::from_millis(500)).await,
        }
    };
    socket.send(Message::Text(r#"[2,"1","Heartbeat",{}]"#.into())).await.unwrap();
    loop {
        match socket.next().await.unwrap().unwrap() {
            Message::Text(answer) if answer.starts_with("[3,\"1\"") => break,
            Message::Close(reason) => panic!("closed: {reason:?}"),
            _ => {}
        }
    }
    held.add_permits(1);
    while let Some(Ok(_)) = socket.next().await {}
}

/// Resident memory, in bytes.
fn resident(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_chargers_come_back_at_once_and_all_get_in() {
    let Some(cluster) = Cluster::start(1, 1).await else { return };
    cluster.yard(1).await;
    multiply(&cluster).await;
    let gateway = cluster.gateways[0].pid();
    let before = resident(gateway);

    let (turns, held) = (Arc::new(Semaphore::new(AT_ONCE)), Arc::new(Semaphore::new(0)));
    let endpoint = cluster.endpoint(0);
    let chargers: Vec<_> = (0..CHARGERS)
        .map(|index| tokio::spawn(insist(format!("{endpoint}/CP-{index}"), turns.clone(), held.clone())))
        .collect();
    let everybody = held.acquire_many(u32::try_from(CHARGERS).unwrap());
    drop(timeout(Duration::from_secs(240), everybody).await.expect("all are connected").unwrap());

    let each = resident(gateway).saturating_sub(before) / CHARGERS as u64;
    assert!(each < BYTES_PER_SOCKET, "{each} bytes a socket");
    timeout(Duration::from_secs(400), async {
        while cluster.list("/charge-points?online=true").await.len() < CHARGERS {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    })
    .await
    .expect("all are known to be connected");
    stream::iter(chargers).for_each(|charger| async move { charger.abort() }).await;
}
