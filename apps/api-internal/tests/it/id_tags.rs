//! Id tags over HTTP.

use serde_json::{Value, json};

use crate::app::TestApp;

#[tokio::test]
async fn a_tag_belongs_to_a_vehicle_and_can_be_blocked() {
    let app = TestApp::start().await;
    let ours = app.ours();
    let bus = json!({"fleet_number": "B-1", "battery_kwh": 350, "max_dc_kw": 150});
    let vehicle = ours.post("/vehicles", bus).await.id().to_owned();
    let tag = json!({"value": "04:a2:f1:9c:0e:77", "type": "evccid", "vehicle_id": vehicle});
    let created = ours.post("/id-tags", tag).await;
    assert_eq!((created.status.as_u16(), &created.body["value"]), (201, &json!("04A2F19C0E77")));
    let path = format!("/id-tags/{}", created.id());
    assert_eq!(ours.get(&path).await.body, created.body);

    let found = ours.get("/id-tags?value=04-A2-F1-9C-0E-77&type=evccid").await;
    assert_eq!(found.body["items"].as_array().unwrap().len(), 1);
    assert_eq!(ours.get("/id-tags?type=rfid").await.body["items"], json!([]));

    let changed = ours.patch(&path, json!({"status": "blocked", "vehicle_id": null})).await;
    assert_eq!((&changed.body["status"], &changed.body["vehicle_id"]), (&json!("blocked"), &Value::Null));
    assert_eq!(app.theirs().get(&path).await.status, 404);
    assert_eq!(ours.delete(&path).await.status, 204);
    assert_eq!(ours.delete(&path).await.status, 404);
}

#[tokio::test]
async fn a_value_is_taken_once_and_vehicles_must_be_known() {
    let app = TestApp::start().await;
    let ours = app.ours();
    assert_eq!(ours.post("/id-tags", json!({"value": "abc"})).await.status, 201);
    let again = ours.post("/id-tags", json!({"value": "ABC"})).await;
    assert_eq!((again.status.as_u16(), again.code()), (409, "id_tag_taken"));
    let unknown = json!({"value": "x", "vehicle_id": "0199f3c2-5b1e-7c3a-9f51-1d2f3a4b5c6d"});
    assert_eq!(ours.post("/id-tags", unknown).await.fields(), [("/vehicle_id", "unknown_vehicle")]);
}
