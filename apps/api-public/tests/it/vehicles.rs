//! Vehicles, kept in step by partners.

use axum::http::Method;
use kernel::Permission;
use serde_json::json;

use crate::{
    app::{OURS, TestApp},
    world::{World, bus, column},
};

#[tokio::test]
async fn a_vehicle_lives_from_creation_to_deletion() {
    let app = TestApp::start().await;
    let world = World::furnish(&app).await;
    let ours = app.ours().await;
    let mut body = bus("102", world.depot);
    body["vin"] = json!("wmaa22zz1kt000102");
    body["registration"] = json!("M-VG 102");
    let made = ours.post("/vehicles", body).await;
    assert_eq!(made.status, 201, "{}", made.body);
    insta::assert_json_snapshot!(made.body, {".id" => "(id)", ".depot_id" => "(id)"});
    assert_eq!(made.headers["location"], format!("/v1/vehicles/{}", made.id()));
    let path = format!("/vehicles/{}", made.id());
    let read = ours.get(&path).await;
    assert_eq!((&read.body, read.etag()), (&made.body, made.etag()));

    let change = || Some(json!({"class": null, "out_of_service": true, "target_soc_percent": 80}));
    let tag = [("if-match", made.etag())];
    let changed = ours.ask(Method::PATCH, &path, change(), &tag).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_eq!(
        (&changed.body["class"], &changed.body["out_of_service"], &changed.body["target_soc_percent"]),
        (&json!(null), &json!(true), &json!(80.0))
    );
    let stale = ours.ask(Method::PATCH, &path, change(), &tag).await;
    assert_eq!((stale.status.as_u16(), stale.code()), (412, "stale"));
    let internal = ours.patch(&path, json!({"priority_level": 1})).await;
    assert_eq!(internal.fields(), [("/priority_level", "unknown_field")]);
    let taken = ours.post("/vehicles", bus("101", world.depot)).await;
    assert_eq!((taken.status.as_u16(), taken.code()), (409, "fleet_number_taken"));
    let absurd = ours
        .post("/vehicles", json!({"fleet_number": "", "battery_kwh": 0, "target_soc_percent": 101}))
        .await;
    assert_eq!(absurd.fields(), [("/target_soc_percent", "out_of_range")]);
    assert_eq!(app.theirs().await.get(&path).await.status, 404);
    assert_eq!(ours.ask(Method::DELETE, &path, None, &tag).await.status, 412);
    assert_eq!(ours.delete(&path).await.status, 204);
    assert_eq!(ours.get(&path).await.status, 404);
}

#[tokio::test]
async fn filters_narrow_the_list() {
    let app = TestApp::start().await;
    let world = World::furnish(&app).await;
    let ours = app.ours().await;
    let long = json!({"fleet_number": "201", "battery_kwh": 450, "max_dc_kw": 150, "class": "articulated"});
    assert_eq!(ours.post("/vehicles", long).await.status, 201);
    for (query, expected) in [
        (String::new(), vec!["101", "201"]),
        ("?class=articulated".to_owned(), vec!["201"]),
        ("?class=artic".to_owned(), vec![]),
        ("?plugged_in=true".to_owned(), vec![]),
        ("?plugged_in=false&search=1".to_owned(), vec!["101", "201"]),
        (format!("?depot_id={}", world.depot), vec!["101"]),
    ] {
        assert_eq!(
            column(&ours.get(&format!("/vehicles{query}")).await, "fleet_number"),
            expected,
            "{query}"
        );
    }
    assert_eq!(ours.get("/vehicles?plugged_in=maybe").await.code(), "malformed_query");
}

#[tokio::test]
async fn a_state_of_charge_is_reported_and_read() {
    let app = TestApp::start().await;
    let world = World::furnish(&app).await;
    let ours = app.ours().await;
    let path = format!("/vehicles/{}", world.vehicle);
    let told = ours.post(&format!("{path}/soc"), json!({"percent": 42.5})).await;
    assert_eq!(
        told.body["soc"],
        json!({"percent": 42.5, "source": "telematics", "at": "2026-03-02T08:00:00Z"})
    );
    let refused = ours.post(&format!("{path}/soc"), json!({"percent": 101})).await;
    assert_eq!(refused.fields(), [("/percent", "out_of_range")]);
    let reader = app.partner(OURS, &[Permission::VehicleRead], None).await;
    assert_eq!(reader.post(&format!("{path}/soc"), json!({"percent": 1})).await.status, 403);
}
