//! Depots, their yards and their electrical tree over HTTP.

use axum::http::Method;
use serde_json::{Value, json};

use crate::app::{As, TestApp};

async fn founded(ours: &As<'_>) -> String {
    let depot = json!({"code": "MUC", "name": "Munich", "timezone": "Europe/Berlin"});
    let created = ours.post("/depots", depot).await;
    assert_eq!(created.status, 201, "{}", created.body);
    format!("/depots/{}", created.id())
}

async fn circuit(ours: &As<'_>, depot: &str, body: Value) -> String {
    let created = ours.post(&format!("{depot}/circuits"), body).await;
    assert_eq!(created.status, 201, "{}", created.body);
    created.id().to_owned()
}

#[tokio::test]
async fn a_depot_lives_from_creation_to_deletion() {
    let app = TestApp::start().await;
    let ours = app.ours();
    let path = founded(&ours).await;
    let read = ours.get(&path).await;
    insta::assert_json_snapshot!(read.body, {".id" => "(id)", ".created_at" => "(time)", ".updated_at" => "(time)"});
    let moved = ours
        .patch(&path, json!({"latitude": 48.1, "longitude": 11.6, "charging_strategy": "equal_share"}))
        .await;
    assert_eq!((moved.status.as_u16(), &moved.body["latitude"]), (200, &json!(48.1)));
    let stale = ours.ask(Method::DELETE, &path, None, &[("if-match", read.etag())]).await;
    assert_eq!(stale.status, 412);
    let taken = ours.post("/depots", json!({"code": "MUC", "name": "Again"})).await;
    assert_eq!((taken.status.as_u16(), taken.code()), (409, "code_taken"));
    assert_eq!(app.theirs().get(&path).await.status, 404);
    assert_eq!(ours.delete(&path).await.status, 204);
    assert_eq!(ours.get("/depots").await.body["items"], json!([]));
}

#[tokio::test]
async fn nonsense_is_named_field_by_field() {
    let app = TestApp::start().await;
    let ours = app.ours();
    let refused =
        ours.post("/depots", json!({"code": "A", "name": "A", "timezone": "CEST", "latitude": 91})).await;
    assert_eq!(refused.fields(), [("/latitude", "required"), ("/timezone", "unknown_value")]);
    let depot = founded(&ours).await;
    let absurd = json!({"name": "Grid", "kind": "grid_connection", "phases": 2, "voltage": 1, "safety_margin_percent": 95});
    let refused = ours.post(&format!("{depot}/circuits"), absurd).await;
    assert_eq!(
        refused.fields().iter().map(|(pointer, _)| *pointer).collect::<Vec<_>>(),
        ["/phases", "/voltage", "/safety_margin_percent"]
    );
    let refused =
        ours.post(&format!("{depot}/circuits"), json!({"name": "Grid", "kind": "grid_connection"})).await;
    assert_eq!(refused.fields(), [("/limit_kw", "required")]);
    let refused = ours
        .post(&format!("{depot}/circuits"), json!({"name": "Panel", "kind": "panel", "limit_kw": 5}))
        .await;
    assert_eq!(refused.fields(), [("/kind", "not_a_root")]);
}

#[tokio::test]
async fn a_tree_is_built_limited_and_watched() {
    let app = TestApp::start().await;
    let ours = app.ours();
    let depot = founded(&ours).await;
    let grid = circuit(
        &ours,
        &depot,
        json!({"name": "Grid", "kind": "grid_connection", "limit_kw": 400, "safety_margin_percent": 5}),
    )
    .await;
    let panel = circuit(
        &ours,
        &depot,
        json!({"name": "Panel", "kind": "panel", "parent_id": grid, "limit_amps": 250}),
    )
    .await;
    let second = ours
        .post(
            &format!("{depot}/circuits"),
            json!({"name": "Other", "kind": "grid_connection", "limit_kw": 1}),
        )
        .await;
    assert_eq!((second.status.as_u16(), second.code()), (409, "grid_connection_exists"));
    let cycle = ours.patch(&format!("/circuits/{panel}"), json!({"parent_id": panel})).await;
    assert_eq!(cycle.fields(), [("/parent_id", "cycle")]);
    assert_eq!(ours.delete(&format!("/circuits/{grid}")).await.code(), "circuit_in_use");

    let tree = ours.get(&format!("{depot}/circuits?limit=1")).await;
    assert_eq!(tree.body["items"][0]["id"], json!(grid));
    let rest =
        ours.get(&format!("{depot}/circuits?cursor={}", tree.body["next_cursor"].as_str().unwrap())).await;
    assert_eq!((&rest.body["items"][0]["id"], &rest.body["next_cursor"]), (&json!(panel), &Value::Null));

    let night = json!({"weekdays": ["monday", "sunday"], "from": "22:00", "to": "06:00"});
    let window = json!({"name": "Night", "precedence": 5, "schedule": {"weekly": night}, "limit_kw": 100});
    let window = ours.post(&format!("/circuits/{grid}/limit-windows"), window).await;
    assert_eq!((window.status.as_u16(), &window.body["schedule"]["weekly"]), (201, &night));
    let path = format!("/circuits/{grid}/limit-windows/{}", window.id());
    let always =
        json!({"schedule": {"once": {"from": "2020-01-01T00:00:00Z", "to": "2099-01-01T00:00:00Z"}}});
    assert_eq!(ours.patch(&path, always).await.status, 200);
    assert_eq!(ours.get(&format!("/circuits/{panel}/limit-windows/{}", window.id())).await.status, 404);

    let overview = ours.get(&format!("{depot}/overview")).await;
    assert_eq!(
        (&overview.body["limit_kw"], &overview.body["usable_limit_kw"]),
        (&json!(100.0), &json!(95.0))
    );
    let utility = json!({"source": "utility", "limits": [{"from": "2020-01-01T00:00:00Z", "to": "2099-01-01T00:00:00Z", "limit_kw": 40}]});
    assert_eq!(ours.put(&format!("/circuits/{grid}/external-limits"), utility).await.status, 200);
    assert_eq!(ours.get(&format!("{depot}/overview")).await.body["limit_kw"], json!(40.0));
    assert_eq!(
        ours.put(&format!("/circuits/{grid}/external-limits"), json!({"source": "utility", "limits": []}))
            .await
            .status,
        200
    );
    assert_eq!(ours.delete(&path).await.status, 204);
    assert_eq!(ours.get(&format!("{depot}/overview")).await.body["limit_kw"], json!(400.0));

    let now = app.backends.clock.now().to_rfc3339();
    let load = json!([{"at": now, "power_kw": 390}]);
    assert_eq!(ours.post(&format!("/circuits/{panel}/load-readings"), load).await.status, 201);
    let watched = ours.get(&format!("{depot}/overview")).await;
    assert_eq!(
        (&watched.body["unmanaged_kw"], &watched.body["risks"]),
        (&json!(390.0), &json!(["near_limit"]))
    );
    let refused =
        ours.post(&format!("/circuits/{panel}/load-readings"), json!([{"at": now, "power_kw": -1}])).await;
    assert_eq!(refused.fields(), [("/0/power_kw", "out_of_range")]);
}

#[tokio::test]
async fn yards_and_tariffs_belong_to_their_depot() {
    let app = TestApp::start().await;
    let ours = app.ours();
    let depot = founded(&ours).await;
    let zone = ours.post(&format!("{depot}/zones"), json!({"code": "H1", "name": "Hall 1"})).await;
    let bay = ours
        .post(&format!("{depot}/bays"), json!({"code": "1", "name": "Bay 1", "zone_id": zone.id()}))
        .await;
    assert_eq!((zone.status.as_u16(), bay.status.as_u16()), (201, 201), "{}", bay.body);
    let stray = json!({"charge_point_id": "0199f3c2-5b1e-7c3a-9f51-1d2f3a4b5c6d"});
    let refused = ours.patch(&format!("{depot}/bays/{}", bay.id()), stray).await;
    assert_eq!(refused.fields(), [("/charge_point_id", "unknown_charge_point")]);
    assert_eq!(ours.delete(&format!("{depot}/zones/{}", zone.id())).await.code(), "zone_in_use");
    assert_eq!(ours.patch(&format!("{depot}/bays/{}", bay.id()), json!({"zone_id": null})).await.status, 200);
    assert_eq!(ours.delete(&format!("{depot}/zones/{}", zone.id())).await.status, 204);

    let path = format!("{depot}/electricity-tariff");
    assert_eq!(ours.get(&path).await.status, 404);
    let night = json!({"weekdays": ["monday"], "from": "22:00", "to": "06:00"});
    let bands = json!([{"name": "night", "when": night, "price_per_kwh": "0.12"}, {"when": night, "price_per_kwh": "0.13"}]);
    let refused =
        ours.put(&path, json!({"currency": "EUR", "base_price_per_kwh": "0.30", "bands": bands})).await;
    assert_eq!(refused.fields(), [("/bands/1", "overlap")]);
    let put = ours.put(&path, json!({"currency": "EUR", "base_price_per_kwh": "0.30", "bands": [bands[0]], "demand_charge_per_kw": "95.5"})).await;
    assert_eq!((put.status.as_u16(), &put.body["base_price_per_kwh"]), (200, &json!("0.30")));
    assert_eq!(ours.get(&path).await.body, put.body);
    assert_eq!(
        ours.put(&path, json!({"currency": "EUR", "base_price_per_kwh": "1e9"})).await.fields(),
        [("/base_price_per_kwh", "malformed")]
    );
    let plain = json!({"currency": "EUR", "base_price_per_kwh": "0.30"});
    let with = |key: &str, value: Value| {
        let mut body = plain.clone();
        body[key] = value;
        body
    };
    let refused = ours.put(&path, with("demand_target_kw", json!(-1))).await;
    assert_eq!(refused.fields(), [("/demand_target_kw", "out_of_range")]);
    let refused = ours.put(&path, with("may_break_demand_target", json!(true))).await;
    assert_eq!(refused.fields(), [("/may_break_demand_target", "no_target")]);
    let mut targeted = with("demand_target_kw", json!(250));
    targeted["may_break_demand_target"] = json!(true);
    let put = ours.put(&path, targeted).await;
    assert_eq!(
        (&put.body["demand_target_kw"], &put.body["may_break_demand_target"]),
        (&json!(250.0), &json!(true))
    );
    assert_eq!(ours.get(&path).await.body, put.body);
    assert_eq!(ours.delete(&path).await.status, 204);
}
