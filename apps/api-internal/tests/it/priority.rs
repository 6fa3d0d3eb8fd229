//! Priority over HTTP: levels, the order of rules, overrides, and what the control makes of them.

use std::sync::Arc;

use axum::http::Method;
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{Begin, FenceSource, Permission, testing::FakeClock};
use serde_json::{Value, json};
use transaction::{Recorder, TransactionTx};
use uuid::Uuid;

use crate::{
    app::{As, OURS, TestApp},
    charge_points::{DEPOT, created, started},
};

async fn made(caller: &As<'_>, path: &str, body: Value) -> String {
    let made = caller.post(path, body).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(made.headers["location"], format!("/api/v1{path}/{}", made.id()));
    made.id().to_owned()
}

fn bus(fleet_number: &str) -> Value {
    json!({"fleet_number": fleet_number, "battery_kwh": 350, "max_ac_kw": 22, "depot_id": DEPOT})
}

fn later(app: &TestApp, hours: i64) -> DateTime<Utc> {
    app.backends.clock.now() + TimeDelta::hours(hours)
}

#[tokio::test]
async fn levels_are_the_usual_ones_until_there_are_own_ones() {
    let app = TestApp::start().await;
    let ours = app.ours();
    let numbers = |body: &Value| -> Vec<u64> {
        body["items"].as_array().unwrap().iter().map(|level| level["level"].as_u64().unwrap()).collect()
    };
    let usual = ours.get("/priority/levels").await.body;
    assert_eq!((numbers(&usual), &usual["items"][0]["usual"]), (vec![1, 3, 5, 7, 9], &json!(true)));
    let usual = format!("/priority/levels/{}", usual["items"][0]["id"].as_str().unwrap());
    assert_eq!(ours.patch(&usual, json!({"name": "Mine"})).await.code(), "usual_priority_level");

    let id = made(&ours, "/priority/levels", json!({"level": 2, "name": " Express "})).await;
    let path = format!("/priority/levels/{id}");
    let level = ours.get(&path).await;
    assert_eq!((&level.body["name"], &level.body["description"]), (&json!("Express"), &Value::Null));
    assert_eq!(numbers(&ours.get("/priority/levels").await.body), [2]);
    assert_eq!(numbers(&app.theirs().get("/priority/levels").await.body), [1, 3, 5, 7, 9]);
    let again = ours.post("/priority/levels", json!({"level": 2, "name": "Again"})).await;
    assert_eq!((again.status.as_u16(), again.code()), (409, "priority_level_taken"));
    let absurd = ours.post("/priority/levels", json!({"level": 10, "name": "Ten"})).await;
    assert_eq!((absurd.status.as_u16(), absurd.fields()), (422, vec![("/level", "out_of_range")]));

    let changed = ours.patch(&path, json!({"description": "before all others"})).await;
    assert_eq!(changed.body["description"], "before all others");
    let stale = ours.ask(Method::DELETE, &path, None, &[("if-match", level.etag())]).await;
    assert_eq!(stale.status, 412);
    assert_eq!(ours.delete(&path).await.status, 204);
    assert_eq!(ours.get(&path).await.status, 404);
}

#[tokio::test]
async fn a_rule_says_whom_when_and_what() {
    let app = started().await;
    let ours = app.ours();
    let rule = json!({
        "name": "Empty before the morning peak", "level": 2,
        "target": {"type": "depot", "depot_id": DEPOT},
        "conditions": {
            "soc_below_percent": 30.5, "minutes_to_departure_below": 90,
            "window": {"weekdays": ["monday", "friday"], "from": "22:00", "to": "06:00"}
        }
    });
    let created = ours.post("/priority/rules", rule).await;
    assert_eq!(created.status, 201, "{}", created.body);
    insta::assert_json_snapshot!(created.body, {
        ".id" => "(id)", ".created_at" => "(time)", ".updated_at" => "(time)",
    });
    let path = format!("/priority/rules/{}", created.id());
    let read = ours.get(&path).await;
    assert_eq!((&read.body, read.etag()), (&created.body, created.etag()));
    let changed = ours.patch(&path, json!({"conditions": {}, "enabled": false})).await;
    assert_eq!(
        (&changed.body["enabled"], &changed.body["conditions"]["window"], &changed.body["level"]),
        (&json!(false), &Value::Null, &json!(2))
    );
    let stale = ours.ask(Method::PATCH, &path, Some(json!({"level": 1})), &[("if-match", read.etag())]).await;
    assert_eq!((stale.status.as_u16(), stale.code()), (412, "stale"));
}

#[tokio::test]
async fn every_broken_rule_is_named_at_once() {
    let app = started().await;
    let absurd = json!({
        "name": " ", "level": 0, "position": 0,
        "target": {"type": "vehicles", "vehicle_ids": [Uuid::from_u128(3)]},
        "conditions": {"soc_below_percent": 101, "window": {"weekdays": [], "from": "22:00", "to": "25:00"}}
    });
    let refused = app.ours().post("/priority/rules", absurd).await;
    assert_eq!(refused.status, 422);
    assert_eq!(
        refused.fields(),
        [
            ("/conditions/soc_below_percent", "out_of_range"),
            ("/conditions/window/to", "malformed"),
            ("/level", "out_of_range"),
        ]
    );
    let absurd = json!({
        "name": " ", "level": 1, "position": 0,
        "target": {"type": "vehicles", "vehicle_ids": [Uuid::from_u128(3)]},
        "conditions": {"soc_below_percent": 10, "soc_above_percent": 20}
    });
    let refused = app.ours().post("/priority/rules", absurd).await;
    assert_eq!(
        refused.fields(),
        [
            ("/name", "required"),
            ("/position", "out_of_range"),
            ("/conditions/soc_above_percent", "out_of_order"),
            ("/target/vehicle_ids/0", "unknown_vehicle"),
        ]
    );
    for target in
        [json!({"type": "vehicle", "vehicle": "x"}), json!({"type": "everybody", "depot_id": DEPOT})]
    {
        let misspelt = json!({"name": "R", "level": 1, "target": target});
        assert_eq!(app.ours().post("/priority/rules", misspelt).await.status, 422);
    }
}

#[tokio::test]
async fn rules_are_put_in_order() {
    let app = TestApp::start().await;
    let ours = app.ours();
    let mut ids = Vec::new();
    for name in ["a", "b", "c"] {
        ids.push(made(&ours, "/priority/rules", json!({"name": name, "level": 1})).await);
    }
    let first = json!({"name": "d", "level": 1, "position": 1});
    ids.push(made(&ours, "/priority/rules", first).await);
    let order = async || -> String {
        let rules = ours.get("/priority/rules").await.body;
        let shown = |rule: &Value| format!("{}{}", rule["position"], rule["name"].as_str().unwrap());
        rules["items"].as_array().unwrap().iter().map(shown).collect()
    };
    assert_eq!(order().await, "1d2a3b4c");
    let moved = ours.patch(&format!("/priority/rules/{}", ids[2]), json!({"position": 2})).await;
    assert_eq!(moved.body["position"], 2);
    assert_eq!(order().await, "1d2c3a4b");
    ours.patch(&format!("/priority/rules/{}", ids[3]), json!({"position": 99})).await;
    assert_eq!(order().await, "1c2a3b4d");
    assert_eq!(ours.delete(&format!("/priority/rules/{}", ids[0])).await.status, 204);
    assert_eq!(order().await, "1c2b3d");
    let page = ours.get("/priority/rules?limit=2").await.body;
    let rest = format!("/priority/rules?cursor={}", page["next_cursor"].as_str().unwrap());
    assert_eq!(ours.get(&rest).await.body["items"][0]["name"], "d");
}

#[tokio::test]
async fn an_override_is_of_one_thing_and_ends() {
    let app = started().await;
    let ours = app.ours();
    let vehicle = made(&ours, "/vehicles", bus("B-1")).await;
    let refused = ours.post(
        "/priority/overrides",
        json!({"vehicle_id": vehicle, "charge_point_id": vehicle, "level": 1, "reason": "r", "expires_at": later(&app, 1)}),
    );
    assert_eq!(refused.await.fields(), [("/charge_point_id", "unexpected")]);
    let refused = ours.post(
        "/priority/overrides",
        json!({"vehicle_id": vehicle, "level": 1, "reason": "r", "expires_at": later(&app, -1)}),
    );
    assert_eq!(refused.await.fields(), [("/expires_at", "in_the_past")]);
    let forever = json!({"vehicle_id": vehicle, "level": 1, "reason": "r"});
    assert_eq!(ours.post("/priority/overrides", forever).await.status, 422);

    let over =
        json!({"vehicle_id": vehicle, "level": 1, "reason": "school trip", "expires_at": later(&app, 1)});
    let asked = [("idempotency-key", "once")];
    let created = ours.ask(Method::POST, "/priority/overrides", Some(over.clone()), &asked).await;
    insta::assert_json_snapshot!(created.body, {
        ".id" => "(id)", ".vehicle_id" => "(id)", ".created_at" => "(time)", ".expires_at" => "(time)",
    });
    let again = ours.ask(Method::POST, "/priority/overrides", Some(over), &asked).await;
    assert_eq!(again.id(), created.id());
    let listed = ours.get(&format!("/priority/overrides?vehicle_id={vehicle}&include_expired=true")).await;
    assert_eq!(listed.body["items"], json!([created.body]));
    let path = format!("/priority/overrides/{}", created.id());
    assert_eq!(ours.get(&path).await.body, created.body);
    assert_eq!(app.theirs().delete(&path).await.status, 404);
    let reader = app.caller(OURS, &[Permission::PriorityRead]);
    assert_eq!(reader.delete(&path).await.status, 403);
    assert_eq!(ours.delete(&path).await.status, 204);
    assert_eq!(ours.get("/priority/overrides").await.body["items"], json!([]));
}

#[tokio::test]
async fn every_level_says_what_gave_it() {
    let app = started().await;
    let ours = app.ours();
    let mut vehicles = Vec::new();
    for number in ["B-1", "B-2", "B-3"] {
        vehicles.push(made(&ours, "/vehicles", bus(number)).await);
    }
    let target = json!({"type": "vehicles", "vehicle_ids": [vehicles[0], vehicles[1]]});
    let rule = made(&ours, "/priority/rules", json!({"name": "Express", "level": 2, "target": target})).await;
    let over = json!({"vehicle_id": vehicles[1], "level": 9, "reason": "in the workshop", "expires_at": later(&app, 1)});
    let over = made(&ours, "/priority/overrides", over).await;
    let found = ours.get(&format!("/priority/effective?depot_id={DEPOT}")).await;
    assert_eq!(
        found.body["items"],
        json!([
            {"vehicle_id": vehicles[0], "level": 2, "reason": "rule", "rule_id": rule, "override_id": null, "run_id": null, "detail": "Express"},
            {"vehicle_id": vehicles[1], "level": 9, "reason": "override", "rule_id": null, "override_id": over, "run_id": null, "detail": "in the workshop"},
            {"vehicle_id": vehicles[2], "level": 5, "reason": "vehicle", "rule_id": null, "override_id": null, "run_id": null, "detail": null},
        ])
    );
    assert_eq!(ours.get("/priority/effective").await.status, 400);
    let elsewhere = app.theirs().get(&format!("/priority/effective?depot_id={DEPOT}")).await;
    assert_eq!(elsewhere.status, 404);
}

#[tokio::test]
async fn the_control_serves_by_the_level_that_holds() {
    let app = started().await;
    let ours = app.ours();
    let charger = ours.get(&created(&ours, "CP-1").await).await.body;
    let id = |value: &Value| value.as_str().unwrap().parse::<Uuid>().unwrap();
    let vehicle = made(&ours, "/vehicles", bus("B-1")).await;
    let target = json!({"type": "charge_point", "charge_point_id": charger["id"]});
    let rule = made(&ours, "/priority/rules", json!({"name": "Place 1", "level": 3, "target": target})).await;

    let recorder = Recorder::new(Arc::new(FakeClock::default()), app.backends.ids.clone());
    let place = transaction::TransactionPlace {
        charge_point: id(&charger["id"]).into(),
        depot: DEPOT.into(),
        evse: Some(id(&charger["evses"][0]["id"]).into()),
        evse_number: 1,
        connector: 1,
    };
    let mut start = transaction::testing::start(place, 0);
    start.vehicle = Some(vehicle.parse::<Uuid>().unwrap().into());
    let mut tx = Begin::<dyn TransactionTx>::begin(&*app.backends.sea).await.unwrap();
    recorder.start(&mut *tx, OURS, start).await.unwrap();
    tx.commit().await.unwrap();

    let given = async || {
        let turn = app.backends.sea.fence_next("control").await.unwrap();
        app.services.control.tick(OURS, DEPOT.into(), &turn).await.unwrap();
        let mut share = ours.get(&format!("/depots/{DEPOT}/allocation")).await.body["evses"][0].take();
        ["priority_level", "priority_reason", "priority_rule_id", "priority_override_id"]
            .map(|field| share[field].take())
    };
    assert_eq!(given().await, [json!(3), json!("rule"), json!(rule), Value::Null]);
    let over = json!({"vehicle_id": vehicle, "level": 1, "reason": "late", "expires_at": later(&app, 1)});
    let over = made(&ours, "/priority/overrides", over).await;
    assert_eq!(given().await, [json!(1), json!("override"), Value::Null, json!(over)]);
    ours.delete(&format!("/priority/overrides/{over}")).await;
    ours.patch(&format!("/priority/rules/{rule}"), json!({"enabled": false})).await;
    assert_eq!(given().await, [json!(5), json!("vehicle"), Value::Null, Value::Null]);
}
