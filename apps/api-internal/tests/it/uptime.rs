//! How charge points were, over HTTP.

use charge_point::{ChargePointTx, ConnectorStatus, Fact, HistoryEntry, Identity};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use kernel::{Begin, Permission};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    app::{OURS, TestApp},
    charge_points::{DEPOT, created, started},
};

/// A charge point that was made two hours ago, and its history by minutes before now.
pub async fn with_history(app: &TestApp, now: DateTime<Utc>, facts: &[(i64, Fact)]) -> String {
    let made = created(&app.ours(), "CP-1").await.replace("/charge-points/", "").parse::<Uuid>().unwrap();
    let mut tx = Begin::<dyn ChargePointTx>::begin(&*app.backends.sea).await.unwrap();
    let mut older = tx.charge_points().charge_point_find(OURS, made.into()).await.unwrap().unwrap();
    older.id = app.backends.ids.uuid().into();
    older.identity = Identity::parse("/identity", "CP-0").unwrap();
    older.evses[0].id = app.backends.ids.uuid().into();
    older.created_at = now - TimeDelta::hours(2);
    let entry = |(ago, fact): &(i64, Fact)| HistoryEntry {
        id: app.backends.ids.uuid(),
        charge_point: older.id,
        at: now - TimeDelta::minutes(*ago),
        fact: *fact,
    };
    tx.charge_points().charge_point_insert(&older).await.unwrap();
    tx.charger_state().history_append(&facts.iter().map(entry).collect::<Vec<_>>()).await.unwrap();
    tx.commit().await.unwrap();
    format!("/charge-points/{}", older.id)
}

pub fn minutes(now: DateTime<Utc>, ago: i64) -> String {
    (now - TimeDelta::minutes(ago)).to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[tokio::test]
async fn uptime_is_told_by_connector_with_its_periods() {
    let app = started().await;
    let ours = app.ours();
    let now = app.backends.clock.now();
    let status = |status| Fact::Status { connector: 1, status };
    let facts = [
        (110, Fact::Online(true)),
        (60, status(ConnectorStatus::Faulted)),
        (50, status(ConnectorStatus::Available)),
        (20, Fact::Online(false)),
    ];
    let path = with_history(&app, now, &facts).await;
    let ask = async |from: i64, to: i64| {
        ours.get(&format!("{path}/uptime?from={}&to={}", minutes(now, from), minutes(now, to))).await.body
    };
    let body = ask(100, 10).await;
    let connector = &body["connectors"][0];
    let periods: Vec<_> = connector["periods"]
        .as_array()
        .unwrap()
        .iter()
        .map(|period| (period["state"].as_str().unwrap(), period["reason"].as_str()))
        .collect();
    assert_eq!(periods, [("up", None), ("down", Some("faulted")), ("up", None), ("down", Some("offline"))]);
    assert_eq!(
        [&connector["up_seconds"], &connector["down_seconds"], &connector["excluded_seconds"]],
        [&json!(4_200), &json!(1_200), &json!(0)]
    );
    assert_eq!(connector["uptime_percent"], json!(100.0 * 4_200.0 / 5_400.0));

    let window = json!({"charge_point_id": path.replace("/charge-points/", ""), "from": minutes(now, 60),
        "to": minutes(now, 50), "reason": "new cables"});
    let made = ours.post("/maintenance-windows", window).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let whole =
        json!({"depot_id": DEPOT, "from": minutes(now, 20), "to": minutes(now, 0), "reason": "no grid"});
    ours.post("/maintenance-windows", whole).await;
    let excused = ask(100, 10).await["connectors"][0].take();
    assert_eq!(
        [&excused["uptime_percent"], &excused["excluded_seconds"], &excused["periods"][1]["reason"]],
        [&json!(100.0), &json!(1_200), &Value::Null]
    );
    // Before it was made there was nothing, and nobody knows the future.
    let wide = ask(10_000, -10_000).await;
    assert_eq!(wide["from"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap(), now - TimeDelta::hours(2));
    assert!(wide["to"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap() < now + TimeDelta::minutes(60));
    assert_eq!(ask(200, 150).await["connectors"][0]["uptime_percent"], Value::Null);

    // The last 30 days, of which it has been there for two hours.
    let usual = ours.get(&format!("{path}/uptime")).await.body;
    assert_eq!(usual["from"], wide["from"]);
    assert!(usual["to"].as_str() >= wide["to"].as_str(), "{usual}");

    for (query, status) in [
        (format!("?from={}&to={}", minutes(now, 10), minutes(now, 10)), 422),
        (format!("?from={}&to={}", minutes(now, 600_000), minutes(now, 0)), 422),
        (format!("?from={}", minutes(now, 600_000)), 422),
        (format!("?from={}", minutes(now, 10)), 200),
        (format!("?to={}", minutes(now, 10)), 200),
        ("?from=x&to=y".into(), 400),
    ] {
        assert_eq!(ours.get(&format!("{path}/uptime{query}")).await.status, status, "{query}");
    }
    let query = format!("?from={}&to={}", minutes(now, 10), minutes(now, 0));
    assert_eq!(app.theirs().get(&format!("{path}/uptime{query}")).await.status, 404);
}

#[tokio::test]
async fn maintenance_windows_live_from_creation_to_deletion() {
    let app = started().await;
    let ours = app.ours();
    let now = app.backends.clock.now();
    let window = |field: &str, value: Value| {
        let mut body =
            json!({"depot_id": DEPOT, "from": minutes(now, 0), "to": minutes(now, -60), "reason": "r"});
        body[field] = value;
        body
    };
    let made = ours.post("/maintenance-windows", window("reason", json!(" new cables "))).await;
    let path = format!("/maintenance-windows/{}", made.id());
    assert_eq!(
        (made.headers["location"].to_str().unwrap(), made.etag()),
        (format!("/api/v1{path}").as_str(), "\"v1\"")
    );
    let shown = ours.get(&path).await.body;
    assert_eq!((&shown["reason"], &shown["depot_id"]), (&json!("new cables"), &json!(DEPOT)));
    let list = async |query: &str| {
        ours.get(&format!("/maintenance-windows{query}")).await.body["items"].as_array().unwrap().len()
    };
    assert_eq!(list(&format!("?depot_id={DEPOT}&from={}", minutes(now, 0))).await, 1);
    assert_eq!(list(&format!("?from={}", minutes(now, -60))).await, 0);
    for (body, expected) in [
        (window("to", json!(minutes(now, 0))), ("/to", "out_of_order")),
        (window("to", json!(minutes(now, -600_000))), ("/to", "out_of_range")),
        (window("reason", json!(" ")), ("/reason", "required")),
        (window("depot_id", json!(Uuid::from_u128(404))), ("/depot_id", "unknown_depot")),
        (window("depot_id", Value::Null), ("/charge_point_id", "required")),
        (window("charge_point_id", json!(Uuid::from_u128(1))), ("/depot_id", "unexpected")),
    ] {
        assert_eq!(ours.post("/maintenance-windows", body).await.fields(), [expected]);
    }
    let reader = app.caller(OURS, &[Permission::ChargePointRead]);
    assert_eq!(reader.get(&path).await.status, 200);
    assert_eq!(reader.delete(&path).await.status, 403);
    assert_eq!(app.theirs().delete(&path).await.status, 404);
    assert_eq!(ours.delete(&path).await.status, 204);
    assert_eq!(ours.get(&path).await.status, 404);
    let audit = ours.get("/admin/audit?resource=maintenance_window").await.body;
    assert_eq!(audit["items"].as_array().unwrap().len(), 2);
}
