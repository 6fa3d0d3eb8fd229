//! Transactions and their readings over HTTP.

use std::sync::Arc;

use kernel::{Begin, testing::FakeClock};
use serde_json::json;
use transaction::{
    Recorder, TransactionTx,
    testing::{meter, start, stop},
};

use crate::{
    app::{OURS, TestApp},
    charge_points::{created, started},
};

/// A session on connector 1 of a new charge point of ours; its path.
async fn session(app: &TestApp) -> (String, Recorder, transaction::Transaction) {
    let charger = created(&app.ours(), "CP-1").await;
    let charger = app.ours().get(&charger).await;
    let id = |value: &serde_json::Value| value.as_str().unwrap().parse::<uuid::Uuid>().unwrap();
    let recorder = Recorder::new(Arc::new(FakeClock::default()), app.backends.ids.clone());
    let place = transaction::TransactionPlace {
        charge_point: id(&charger.body["id"]).into(),
        depot: id(&charger.body["depot_id"]).into(),
        evse: Some(app.backends.ids.uuid().into()),
        evse_number: 1,
        connector: 1,
    };
    let mut tx = Begin::<dyn TransactionTx>::begin(&*app.backends.sea).await.unwrap();
    let begun = recorder.start(&mut *tx, OURS, start(place, 0)).await.unwrap().transaction;
    let readings = vec![meter(1, 2_000), meter(2, 3_000), meter(3, 4_000)];
    recorder.readings(&mut *tx, OURS, place.charge_point, 1, None, readings).await.unwrap();
    tx.commit().await.unwrap();
    (format!("/transactions/{}", begun.id), recorder, begun)
}

#[tokio::test]
async fn a_session_is_read_back_whole() {
    let app = started().await;
    let ours = app.ours();
    let (path, recorder, begun) = session(&app).await;
    let running = ours.get(&path).await;
    assert_eq!((&running.body["state"], &running.body["energy_wh"]), (&json!("active"), &json!(3_000)));
    let first = ours.get(&format!("{path}/readings?limit=2")).await;
    let cursor = first.body["next_cursor"].as_str().unwrap();
    let last = ours.get(&format!("{path}/readings?cursor={cursor}")).await;
    assert_eq!(
        (&first.body["items"][0]["energy_wh"], &last.body["items"][0]["energy_wh"]),
        (&json!(2_000), &json!(4_000))
    );

    let told = ours.post(&format!("{path}/stop"), json!({})).await;
    assert_eq!(told.status, 202, "{}", told.body);
    let order = ours.get(&format!("/commands/{}", told.body["command_id"].as_str().unwrap())).await;
    assert_eq!((&order.body["type"], &order.body["state"]), (&json!("remote_stop"), &json!("requested")));

    let mut tx = Begin::<dyn TransactionTx>::begin(&*app.backends.sea).await.unwrap();
    recorder.stop(&mut *tx, OURS, begun.place, stop(begun.number, 4, 5_000)).await.unwrap();
    tx.commit().await.unwrap();
    let ended = ours.get(&path).await;
    insta::assert_json_snapshot!(ended.body, {
        ".id" => "(id)", ".charge_point_id" => "(id)", ".depot_id" => "(id)", ".evse_id" => "(id)",
    });
    assert_eq!(ours.post(&format!("{path}/stop"), json!({})).await.code(), "transaction_ended");
}

#[tokio::test]
async fn filters_narrow_and_others_see_nothing() {
    let app = started().await;
    let (path, _, begun) = session(&app).await;
    let count = |body: &serde_json::Value| body["items"].as_array().unwrap().len();
    for (query, expected) in [
        (String::new(), 1),
        (format!("?charge_point_id={}", begun.place.charge_point), 1),
        ("?state=finished".to_owned(), 0),
        ("?from=2026-03-02T08:00:00Z&to=2026-03-02T08:00:01Z".to_owned(), 1),
        ("?to=2026-03-02T08:00:00Z".to_owned(), 0),
    ] {
        let found = app.ours().get(&format!("/transactions{query}")).await;
        assert_eq!(count(&found.body), expected, "{query}");
    }
    assert_eq!(app.theirs().get(&path).await.status, 404);
    assert_eq!(app.theirs().get(&format!("{path}/readings")).await.status, 404);
    assert_eq!(app.theirs().post(&format!("{path}/stop"), json!({})).await.status, 404);
    assert_eq!(app.ours().get("/transactions?state=running").await.status, 400);
}
