//! Vehicles over HTTP.

use axum::http::Method;
use kernel::{PageRequest, Permission, Scope};
use serde_json::{Value, json};
use vehicle::VehicleFilter;

use crate::app::{OURS, THEIRS, TestApp};

fn bus(fleet_number: &str) -> Value {
    json!({"fleet_number": fleet_number, "battery_kwh": 350.5, "max_dc_kw": 150, "target_soc_percent": 95})
}

#[tokio::test]
async fn a_vehicle_lives_from_creation_to_deletion() {
    let app = TestApp::start().await;
    let ours = app.ours();
    let created = ours.post("/vehicles", bus("B-1")).await;
    assert_eq!(created.status, 201, "{}", created.body);
    let path = format!("/vehicles/{}", created.id());
    assert_eq!(created.headers["location"], format!("/api/v1{path}"));
    insta::assert_json_snapshot!(created.body, {".id" => "(id)", ".created_at" => "(time)", ".updated_at" => "(time)"});

    let read = ours.get(&path).await;
    assert_eq!((&read.body, read.etag()), (&created.body, created.etag()));

    let changed = ours.patch(&path, json!({"registration": "M-AN 1", "out_of_service": true})).await;
    assert_eq!((changed.status.as_u16(), &changed.body["state"]), (200, &json!("out_of_service")));
    assert_ne!(changed.etag(), created.etag());
    let cleared = ours.patch(&path, json!({"registration": null})).await;
    assert_eq!(cleared.body["registration"], Value::Null);

    let stale = ours.ask(Method::DELETE, &path, None, &[("if-match", created.etag())]).await;
    assert_eq!((stale.status.as_u16(), stale.code()), (412, "stale"));
    assert_eq!(ours.delete(&path).await.status, 204);
    assert_eq!(ours.get(&path).await.status, 404);
}

#[tokio::test]
async fn every_broken_rule_is_named_at_once() {
    let app = TestApp::start().await;
    let absurd = json!({"fleet_number": " ", "battery_kwh": 1e300, "vin": "no", "target_soc_percent": 95, "priority_level": 5});
    let refused = app.ours().post("/vehicles", absurd).await;
    assert_eq!(refused.status, 422);
    assert_eq!(
        refused.fields(),
        [
            ("/fleet_number", "required"),
            ("/vin", "malformed"),
            ("/battery_kwh", "out_of_range"),
            ("/max_ac_kw", "required"),
        ]
    );
    let refused = app
        .ours()
        .post(
            "/vehicles",
            json!({"fleet_number": "B", "battery_kwh": 1, "target_soc_percent": 101, "priority_level": 0}),
        )
        .await;
    assert_eq!(
        refused.fields(),
        [("/target_soc_percent", "out_of_range"), ("/priority_level", "out_of_range")]
    );
    let refused = app
        .ours()
        .patch("/vehicles/0199f3c2-5b1e-7c3a-9f51-1d2f3a4b5c6d", json!({"battery_kwh": null}))
        .await;
    assert_eq!((refused.status.as_u16(), refused.fields()[0].0), (422, "/battery_kwh"));
}

#[tokio::test]
async fn a_fleet_number_is_taken_within_an_organisation_only() {
    let app = TestApp::start().await;
    assert_eq!(app.ours().post("/vehicles", bus("B-1")).await.status, 201);
    let again = app.ours().post("/vehicles", bus("B-1")).await;
    assert_eq!((again.status.as_u16(), again.code()), (409, "fleet_number_taken"));
    assert_eq!(app.theirs().post("/vehicles", bus("B-1")).await.status, 201);
}

#[tokio::test]
async fn pages_hold_every_vehicle_once_and_filters_narrow_them() {
    let app = TestApp::start().await;
    let ours = app.ours();
    for number in 0..5 {
        ours.post("/vehicles", bus(&format!("B-{number}"))).await;
    }
    app.theirs().post("/vehicles", bus("T-1")).await;
    let mut seen = Vec::new();
    let mut path = "/vehicles?limit=2".to_owned();
    loop {
        let page = ours.get(&path).await;
        seen.extend(page.body["items"].as_array().unwrap().iter().map(|item| item["fleet_number"].clone()));
        match page.body["next_cursor"].as_str() {
            Some(cursor) => path = format!("/vehicles?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen, ["B-0", "B-1", "B-2", "B-3", "B-4"]);
    let found = ours.get("/vehicles?search=b-3").await;
    assert_eq!(found.body["items"].as_array().unwrap().len(), 1);
    assert_eq!(ours.get("/vehicles?serach=b-3").await.status, 400);
}

#[tokio::test]
async fn a_reported_charge_is_believed_by_its_source() {
    let app = TestApp::start().await;
    let ours = app.ours();
    let path = format!("/vehicles/{}/soc", ours.post("/vehicles", bus("B-1")).await.id());
    let told = ours.post(&path, json!({"percent": 40, "source": "telematics"})).await;
    assert_eq!((told.status.as_u16(), &told.body["soc"]["percent"]), (200, &json!(40.0)));
    let doubted = ours.post(&path, json!({"percent": 70})).await;
    assert_eq!(doubted.body["soc"]["percent"], json!(40.0));
    let future = ours.post(&path, json!({"percent": 70, "at": "2999-01-01T00:00:00Z"})).await;
    assert_eq!((future.status.as_u16(), future.fields()), (422, vec![("/at", "in_the_future")]));
    let charger = ours.post(&path, json!({"percent": 70, "source": "charger"})).await;
    assert_eq!(charger.fields(), [("/source", "unknown_value")]);
}

#[tokio::test]
async fn power_and_minutes_of_preconditioning_go_together() {
    let app = TestApp::start().await;
    let ours = app.ours();
    let mut cold = bus("B-1");
    cold["precondition_kw"] = json!(12.5);
    let refused = ours.post("/vehicles", cold.clone()).await;
    assert_eq!(refused.fields(), [("/precondition_minutes", "required")]);
    cold["precondition_minutes"] = json!(400);
    let refused = ours.post("/vehicles", cold.clone()).await;
    assert_eq!(refused.fields(), [("/precondition_minutes", "out_of_range")]);
    cold["precondition_minutes"] = json!(40);
    let created = ours.post("/vehicles", cold).await;
    assert_eq!((created.status.as_u16(), &created.body["precondition_kw"]), (201, &json!(12.5)));
    let path = format!("/vehicles/{}", created.id());
    let changed = ours.patch(&path, json!({"precondition_kw": 8, "precondition_minutes": 20})).await;
    assert_eq!(changed.body["precondition_minutes"], json!(20));
    let half = ours.patch(&path, json!({"precondition_minutes": 30})).await;
    assert_eq!(half.fields(), [("/precondition_kw", "required")]);
    assert_eq!(ours.get(&path).await.body["precondition_kw"], json!(8.0));
    let without = ours.patch(&path, json!({"precondition_kw": null, "precondition_minutes": null})).await;
    assert_eq!(without.body["precondition_kw"], Value::Null);
}

#[tokio::test]
async fn a_key_makes_creation_repeatable() {
    let app = TestApp::start().await;
    let ours = app.ours();
    let keyed = [("idempotency-key", "k-1")];
    let first = ours.ask(Method::POST, "/vehicles", Some(bus("B-1")), &keyed).await;
    let again = ours.ask(Method::POST, "/vehicles", Some(bus("B-1")), &keyed).await;
    assert_eq!((again.status.as_u16(), again.id()), (201, first.id()));
    let other = ours.ask(Method::POST, "/vehicles", Some(bus("B-2")), &keyed).await;
    assert_eq!((other.status.as_u16(), other.code()), (422, "idempotency_key_reused"));
    assert_eq!(ours.get("/vehicles").await.body["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn others_see_nothing_and_readers_change_nothing() {
    let app = TestApp::start().await;
    let path = format!("/vehicles/{}", app.ours().post("/vehicles", bus("B-1")).await.id());
    assert_eq!(app.theirs().get(&path).await.status, 404);
    assert_eq!(app.theirs().delete(&path).await.status, 404);
    assert_eq!(app.ours().put(&path, bus("B-1")).await.status, 405);
    let (they, any) = (Scope::system(THEIRS), VehicleFilter::default());
    let found = app.services.vehicles.vehicle_list(&they, &any, PageRequest::default()).await.unwrap();
    assert!(found.items.is_empty());
    let reader = app.caller(OURS, &[Permission::VehicleRead]);
    assert_eq!(reader.get(&path).await.status, 200);
    let refused = reader.delete(&path).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (403, "forbidden"));
}
