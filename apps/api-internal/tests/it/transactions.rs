//! Transactions and their readings over HTTP.

use std::sync::Arc;

use axum::http::Method;
use kernel::{Begin, MilliAmps, Permission, Soc, W, testing::FakeClock};
use serde_json::json;
use transaction::{
    MeterReport, ReadingContext, Recorder, TransactionTx,
    testing::{meter, minute, start, stop},
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
    let order = ours.get(&format!("/commands/{}", told.id())).await;
    assert_eq!((&order.body["type"], &order.body["state"]), (&json!("remote_stop"), &json!("requested")));
    assert_eq!(order.body["ocpp_transaction_id"], json!(begun.number));
    assert_eq!(told.headers["location"], format!("/api/v1/commands/{}", told.id()));
    assert_eq!(order.body, told.body, "the order is what the stop said it is");
    assert_eq!(ours.get(&path).await.body["state"], "active");

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

#[tokio::test]
async fn a_reading_shows_all_that_was_measured() {
    let app = started().await;
    let (path, recorder, begun) = session(&app).await;
    let full = MeterReport {
        context: ReadingContext::Clock,
        power: Some(W(11_040)),
        current: Some(MilliAmps(16_100)),
        offered: Some(W(22_000)),
        voltage_millivolts: Some(230_400),
        soc: Soc::from_percent(40.5),
        rest: json!({"Temperature": {"value": "21", "unit": "Celsius"}}).as_object().unwrap().clone(),
        ..meter(10, 6_000)
    };
    let mut tx = Begin::<dyn TransactionTx>::begin(&*app.backends.sea).await.unwrap();
    let (charge_point, number) = (begun.place.charge_point, Some(begun.number));
    recorder.readings(&mut *tx, OURS, charge_point, 1, number, vec![full]).await.unwrap();
    tx.commit().await.unwrap();
    let readings = app.ours().get(&format!("{path}/readings")).await;
    insta::assert_json_snapshot!(readings.body["items"][3]);
    let latest = app.ours().get(&path).await.body["latest"].clone();
    let expected = json!({"at": minute(10), "power_kw": 11.04, "current_amps": 16.1, "soc_percent": 40.5});
    assert_eq!(latest, expected);
    assert_eq!(app.ours().get(&format!("{path}/readings?context=clock")).await.status, 400);
}

#[tokio::test]
async fn pages_hold_every_transaction_once_newest_first() {
    let app = started().await;
    let (_, recorder, first) = session(&app).await;
    let mut expected = vec![json!(first.id)];
    let vehicle = app.backends.ids.uuid();
    let mut tx = Begin::<dyn TransactionTx>::begin(&*app.backends.sea).await.unwrap();
    for minutes in [10, 20, 30, 40] {
        let report = transaction::StartReport {
            vehicle: (minutes == 20).then(|| vehicle.into()),
            ..start(first.place, minutes)
        };
        let begun = recorder.start(&mut *tx, OURS, report).await.unwrap().transaction;
        expected.insert(0, json!(begun.id));
    }
    tx.commit().await.unwrap();
    let mut seen = Vec::new();
    let mut path = "/transactions?limit=2".to_owned();
    loop {
        let page = app.ours().get(&path).await;
        seen.extend(page.body["items"].as_array().unwrap().iter().map(|item| item["id"].clone()));
        match page.body["next_cursor"].as_str() {
            Some(cursor) => path = format!("/transactions?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen, expected);
    for (query, expected) in [
        (format!("vehicle_id={vehicle}"), 1),
        (format!("depot_id={}", first.place.depot), 5),
        (format!("depot_id={vehicle}"), 0),
        ("state=abandoned".to_owned(), 4),
        // The same instants, written in another zone.
        ("from=2026-03-02T10:10:00%2B02:00&to=2026-03-02T10:30:00%2B02:00".to_owned(), 2),
    ] {
        let found = app.ours().get(&format!("/transactions?{query}")).await;
        assert_eq!(found.body["items"].as_array().unwrap().len(), expected, "{query}");
    }
    for wrong in ["depot=1", "from=yesterday", "vehicle_id=7", "limit=0"] {
        let refused = app.ours().get(&format!("/transactions?{wrong}")).await;
        assert_eq!((refused.status.as_u16(), refused.code()), (400, "malformed_query"), "{wrong}");
    }
}

#[tokio::test]
async fn a_stop_is_repeatable_and_takes_no_wishes() {
    let app = started().await;
    let (path, _, begun) = session(&app).await;
    let (ours, path) = (app.ours(), format!("{path}/stop"));
    let wish = ours.post(&path, json!({"reason": "haste"})).await;
    assert_eq!((wish.status.as_u16(), wish.fields()), (422, vec![("/reason", "unknown_field")]));
    let keyed = [("idempotency-key", "k-1")];
    let first = ours.ask(Method::POST, &path, None, &keyed).await;
    let again = ours.ask(Method::POST, &path, None, &keyed).await;
    assert_eq!((first.status.as_u16(), &first.body), (202, &again.body));
    let orders = ours.get(&format!("/charge-points/{}/commands", begun.place.charge_point)).await;
    assert_eq!(orders.body["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn readers_stop_nothing_and_stoppers_read_nothing() {
    let app = started().await;
    let (path, ..) = session(&app).await;
    let reader = app.caller(OURS, &[Permission::TransactionRead]);
    assert_eq!(reader.get(&path).await.status, 200);
    let refused = reader.ask(Method::POST, &format!("{path}/stop"), None, &[]).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (403, "forbidden"));
    let stopper = app.caller(OURS, &[Permission::TransactionStop]);
    for hidden in ["/transactions", &path, &format!("{path}/readings")] {
        assert_eq!(stopper.get(hidden).await.status, 403, "{hidden}");
    }
    assert_eq!(stopper.ask(Method::POST, &format!("{path}/stop"), None, &[]).await.status, 202);
}
