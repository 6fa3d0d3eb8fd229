//! From a gateway to the database and back.

use connect_router::{Answer, DeadLetterReader, InboundCalls};
use infra_kafka::{INBOUND, KafkaGateway};
use kernel::{IdSource, PageRequest};
use serde_json::{Value, json};
use transaction::{TransactionFilter, TransactionReader};

use crate::rig::{Rig, until};

fn start(second: u32) -> Value {
    let at = format!("2026-03-02T08:00:{second:02}Z");
    json!({"connectorId": 1, "idTag": "TAG", "meterStart": 0, "timestamp": at})
}

async fn transactions(rig: &Rig) -> usize {
    let all = TransactionFilter::default();
    rig.sea
        .transaction_list(&rig.organisation.into(), &all, PageRequest::default())
        .await
        .unwrap()
        .items
        .len()
}

async fn letters(rig: &Rig) -> Vec<String> {
    let page =
        rig.sea.dead_letter_list(&rig.organisation.into(), None, PageRequest::default()).await.unwrap();
    page.items.into_iter().map(|letter| letter.identity).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_recorded_once_answered_and_poison_is_set_aside() {
    let Some(rig) = Rig::start().await else { return };
    let (healthy, poisoned) = (rig.charger("CP-1").await, rig.charger("CP-2").await);
    // Whatever this charger reports cannot be stored.
    let trigger = format!(
        "CREATE TRIGGER poison BEFORE INSERT ON outbox WHEN NEW.name LIKE 'manage.transaction%' \
         AND NEW.data LIKE '%{}%' BEGIN SELECT RAISE(ABORT, 'poison'); END",
        poisoned.id
    );
    rig.database.run(&trigger).await.unwrap();

    let (gateway, listening) =
        KafkaGateway::join(rig.kafka.clone(), rig.ids.uuid(), rig.clock.clone()).await.unwrap();
    let (stopping, router) = rig.router();
    let listens = tokio::spawn(listening.run(stopping.clone(), |_| ()));

    let Answer::Result(begun) =
        gateway.handle(rig.call(&healthy, "StartTransaction", &start(0))).await.unwrap()
    else {
        panic!("a start is answered")
    };
    assert!(begun["transactionId"].as_i64().unwrap() > 0);
    // Nothing of ours, from a charger that is known and from one that is not; then real poison.
    rig.write(INBOUND, "CP-1", b"nonsense").await;
    rig.write(INBOUND, "nobody", b"{}").await;
    let refused = gateway.handle(rig.call(&poisoned, "StartTransaction", &start(0))).await.unwrap();
    assert!(matches!(refused, Answer::Error { .. }), "{refused:?}");
    // Their partitions go on.
    let heartbeat = gateway.handle(rig.call(&healthy, "Heartbeat", &json!({}))).await.unwrap();
    assert!(matches!(heartbeat, Answer::Result(_)));
    for second in 1..4 {
        let answer = gateway.handle(rig.call(&healthy, "StartTransaction", &start(second))).await.unwrap();
        assert!(matches!(answer, Answer::Result(_)), "{answer:?}");
    }
    until("both letters", async || letters(&rig).await.len() == 2).await;
    let mut set_aside = letters(&rig).await;
    set_aside.sort();
    assert_eq!(set_aside, ["CP-1", "CP-2"]);
    assert_eq!(transactions(&rig).await, 4);

    // Another router finds nothing that is left to do, though Kafka may hand it all out again.
    stopping.cancel();
    router.await.unwrap();
    listens.await.unwrap();
    let (gateway, listening) =
        KafkaGateway::join(rig.kafka.clone(), rig.ids.uuid(), rig.clock.clone()).await.unwrap();
    let (stopping, router) = rig.router();
    let listens = tokio::spawn(listening.run(stopping.clone(), |_| ()));
    let answer = gateway.handle(rig.call(&healthy, "StartTransaction", &start(9))).await.unwrap();
    assert!(matches!(answer, Answer::Result(_)));
    assert_eq!((transactions(&rig).await, letters(&rig).await.len()), (5, 2));
    stopping.cancel();
    router.await.unwrap();
    listens.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_recorded_before_a_database_was_set_back_is_recorded_again() {
    let Some(rig) = Rig::start().await else { return };
    let charger = rig.charger("CP-1").await;
    let (gateway, listening) =
        KafkaGateway::join(rig.kafka.clone(), rig.ids.uuid(), rig.clock.clone()).await.unwrap();
    let (stopping, router) = rig.router();
    let listens = tokio::spawn(listening.run(stopping.clone(), |_| ()));
    for second in 0..3 {
        gateway.handle(rig.call(&charger, "StartTransaction", &start(second))).await.unwrap();
    }
    assert_eq!(transactions(&rig).await, 3);
    stopping.cancel();
    router.await.unwrap();
    listens.await.unwrap();

    // As a restored backup would have it: the last two are missing, and the position is before them.
    rig.database.run("DELETE FROM \"transaction\" WHERE number > 1").await.unwrap();
    rig.database.run("UPDATE position SET next = next - 2").await.unwrap();
    let (stopping, router) = rig.router();
    // Kafka believes that all is read: the next message shows that it is not.
    let (gateway, listening) =
        KafkaGateway::join(rig.kafka.clone(), rig.ids.uuid(), rig.clock.clone()).await.unwrap();
    let listens = tokio::spawn(listening.run(stopping.clone(), |_| ()));
    let _ = gateway.handle(rig.call(&charger, "Heartbeat", &json!({}))).await.unwrap();
    until("both again", async || transactions(&rig).await == 3).await;
    stopping.cancel();
    router.await.unwrap();
    listens.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn partitions_that_were_another_routers_for_a_while_go_on() {
    let Some(rig) = Rig::start().await else { return };
    let mut chargers = Vec::new();
    // Enough for every partition.
    for index in 0..12 {
        chargers.push(rig.charger(&format!("CP-{index}")).await);
    }
    let (gateway, listening) =
        KafkaGateway::join(rig.kafka.clone(), rig.ids.uuid(), rig.clock.clone()).await.unwrap();
    let (stopping, router) = rig.router();
    let listens = tokio::spawn(listening.run(stopping.clone(), |_| ()));
    let everyone_starts = async |second| {
        for charger in &chargers {
            let answer = gateway.handle(rig.call(charger, "StartTransaction", &start(second))).await.unwrap();
            assert!(matches!(answer, Answer::Result(_)), "{answer:?}");
        }
    };
    everyone_starts(0).await;

    // Another one takes its share, and leaves.
    let (stopping_other, other) = rig.router();
    until("partitions to be shared", async || rig.sharing() == 2).await;
    everyone_starts(1).await;
    stopping_other.cancel();
    other.await.unwrap();
    until("partitions to be back", async || rig.sharing() == 1).await;
    everyone_starts(2).await;
    assert_eq!(transactions(&rig).await, 36);

    stopping.cancel();
    router.await.unwrap();
    listens.await.unwrap();
}
