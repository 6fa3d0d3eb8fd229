//! Orders to chargers over HTTP.

use axum::http::Method;
use kernel::Permission;
use serde_json::{Value, json};

use crate::{
    app::{OURS, TestApp},
    charge_points::{created, started},
};

/// One of every kind, as shown again.
fn orders() -> Vec<Value> {
    vec![
        json!({"type": "reset", "kind": "hard"}),
        json!({"type": "unlock", "connector_number": 1}),
        json!({"type": "remote_start", "connector_number": 1, "id_tag": "04A2F1", "charging_profile": {
            "id": 4, "stack_level": 2, "purpose": "tx", "kind": "relative", "unit": "amps",
            "periods": [{"start_seconds": 0, "limit": 16.1, "phases": 3}, {"start_seconds": 60, "limit": 8.0}],
        }}),
        json!({"type": "remote_stop", "ocpp_transaction_id": 17}),
        json!({"type": "remote_stop", "transaction_id": "0199f3c2-5b1e-7c3a-9f51-1d2f3a4b5c6d"}),
        json!({"type": "change_availability", "connector_number": 0, "availability": "inoperative"}),
        json!({"type": "set_configuration", "key": "HeartbeatInterval", "value": "60"}),
        json!({"type": "get_configuration", "keys": ["HeartbeatInterval"]}),
        json!({"type": "trigger_message", "message": "meter_values", "connector_number": 1}),
        json!({"type": "update_firmware", "location": "https://files.example/f.bin",
               "retrieve_at": "2026-03-02T08:00:00Z", "retries": 3, "retry_interval_seconds": 60}),
        json!({"type": "get_diagnostics", "location": "ftp://files.example/up",
               "from": "2026-03-01T00:00:00Z", "to": "2026-03-02T00:00:00Z"}),
        json!({"type": "clear_cache"}),
        json!({"type": "set_charging_profile", "connector_number": 0, "charging_profile": {
            "id": 1, "stack_level": 0, "purpose": "charge_point_max", "kind": "recurring",
            "recurrency": "daily", "start_at": "2026-03-02T00:00:00Z",
            "valid_from": "2026-03-02T00:00:00Z", "valid_to": "2026-04-02T00:00:00Z",
            "unit": "watts", "duration_seconds": 86400, "min_rate": 1400.0,
            "periods": [{"start_seconds": 0, "limit": 11000.0}],
        }}),
        json!({"type": "clear_charging_profile", "profile_id": 1, "connector_number": 0,
               "purpose": "tx_default", "stack_level": 0}),
        json!({"type": "get_composite_schedule", "connector_number": 1, "duration_seconds": 3600, "unit": "watts"}),
        json!({"type": "data_transfer", "vendor_id": "com.example", "message_id": "m", "data": "{}"}),
    ]
}

#[tokio::test]
async fn every_kind_of_order_is_taken_and_shown_as_it_was_given() {
    let app = started().await;
    let ours = app.ours();
    let path = created(&ours, "CP-1").await;
    let mut ids = Vec::new();
    for order in orders() {
        let taken = ours.post(&format!("{path}/commands"), order.clone()).await;
        assert_eq!(taken.status, 202, "{order}: {}", taken.body);
        assert_eq!(taken.headers["location"], format!("/api/v1/commands/{}", taken.id()));
        for (field, value) in order.as_object().unwrap() {
            assert_eq!(&taken.body[field], value, "{field} of {order}");
        }
        let read = ours.get(&format!("/commands/{}", taken.id())).await;
        assert_eq!((read.status.as_u16(), &read.body), (200, &taken.body));
        ids.insert(0, taken.id().to_owned());
    }
    let listed = ours.get(&format!("{path}/commands")).await;
    let listed: Vec<_> =
        listed.body["items"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect();
    assert_eq!(listed, ids);
}

#[tokio::test]
async fn an_order_says_what_became_of_it() {
    let app = started().await;
    let ours = app.ours();
    let path = created(&ours, "CP-1").await;
    let taken = ours.post(&format!("{path}/commands"), json!({"type": "reset"})).await;
    insta::assert_json_snapshot!(taken.body, {
        ".id" => "(id)", ".charge_point_id" => "(id)", ".requested_at" => "(time)",
    });
    let waiting = ours.get(&format!("{path}/commands?state=requested")).await;
    assert_eq!(waiting.body["items"].as_array().unwrap().len(), 1);
    let sent = ours.get(&format!("{path}/commands?state=sent")).await;
    assert!(sent.body["items"].as_array().unwrap().is_empty());
    assert_eq!(ours.get(&format!("{path}/commands?state=lost")).await.status, 400);
}

#[tokio::test]
async fn a_secret_is_taken_but_not_shown() {
    let app = started().await;
    let ours = app.ours();
    let path = created(&ours, "CP-1").await;
    let order = json!({"type": "set_configuration", "key": "AuthorizationKey", "value": "open sesame"});
    let taken = ours.post(&format!("{path}/commands"), order).await;
    assert_eq!((taken.status.as_u16(), &taken.body["value"]), (202, &json!("***")));
    let read = ours.get(&format!("/commands/{}", taken.id())).await;
    assert_eq!(read.body["value"], "***");
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let app = started().await;
    let ours = app.ours();
    let path = format!("{}/commands", created(&ours, "CP-1").await);
    let profile = |change: Value| {
        let mut profile =
            json!({"purpose": "tx_default", "unit": "amps", "periods": [{"start_seconds": 0, "limit": 16}]});
        profile.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        json!({"type": "set_charging_profile", "connector_number": 1, "charging_profile": profile})
    };
    for (order, fields) in [
        (json!({}), vec![("/type", "required")]),
        (json!({"type": "dance"}), vec![("/type", "unknown_value")]),
        (json!({"type": "clear_cache", "now": true}), vec![("/now", "unknown_field")]),
        (json!({"type": "unlock"}), vec![("/connector_number", "required")]),
        (json!({"type": "unlock", "connector_number": 9}), vec![("/connector_number", "unknown_connector")]),
        (json!({"type": "remote_stop"}), vec![("/transaction_id", "required")]),
        (json!({"type": "remote_start", "id_tag": " "}), vec![("/id_tag", "required")]),
        (
            json!({"type": "set_configuration", "key": "K", "value": "a\u{0}"}),
            vec![("", "control_character")],
        ),
        (
            json!({"type": "get_diagnostics", "location": "file:///etc/passwd"}),
            vec![("/location", "malformed")],
        ),
        (
            profile(json!({"kind": "recurring"})),
            vec![("/charging_profile/recurrency", "required"), ("/charging_profile/start_at", "required")],
        ),
        (profile(json!({"purpose": "tx"})), vec![("/charging_profile/transaction_id", "required")]),
        (profile(json!({"periods": []})), vec![("/charging_profile/periods", "required")]),
        (profile(json!({"min_rate": -1})), vec![("/charging_profile/min_rate", "out_of_range")]),
        (
            profile(json!({"periods": [{"start_seconds": 0, "limit": 1e12}]})),
            vec![("/charging_profile/periods/0/limit", "out_of_range")],
        ),
    ] {
        let refused = ours.post(&path, order.clone()).await;
        assert_eq!((refused.status.as_u16(), refused.fields()), (422, fields), "{order}: {}", refused.body);
    }
    assert!(ours.get(&path).await.body["items"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn a_key_makes_an_order_repeatable() {
    let app = started().await;
    let ours = app.ours();
    let path = format!("{}/commands", created(&ours, "CP-1").await);
    let keyed = [("idempotency-key", "k-1")];
    let order = || Some(json!({"type": "reset"}));
    let first = ours.ask(Method::POST, &path, order(), &keyed).await;
    let again = ours.ask(Method::POST, &path, order(), &keyed).await;
    assert_eq!((again.status.as_u16(), again.id()), (202, first.id()));
    assert_eq!(ours.get(&path).await.body["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn orders_are_for_those_who_may() {
    let app: TestApp = started().await;
    let path = format!("{}/commands", created(&app.ours(), "CP-1").await);
    let given = app.ours().post(&path, json!({"type": "reset"})).await;
    let theirs = app.theirs();
    assert_eq!(theirs.post(&path, json!({"type": "reset"})).await.status, 404);
    assert_eq!(theirs.get(&path).await.status, 404);
    assert_eq!(theirs.get(&format!("/commands/{}", given.id())).await.status, 404);
    let writer = app.caller(OURS, &[Permission::ChargePointRead, Permission::ChargePointWrite]);
    assert_eq!(writer.post(&path, json!({"type": "reset"})).await.code(), "forbidden");
    assert_eq!(writer.get(&path).await.status, 200);
    let commander = app.caller(OURS, &[Permission::ChargePointCommand]);
    assert_eq!(commander.post(&path, json!({"type": "reset"})).await.status, 202);
    assert_eq!(commander.get(&path).await.status, 403);
}
