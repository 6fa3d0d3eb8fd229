//! Resource groups, from creation to deletion, and keys limited to them.

use kernel::Permission;
use serde_json::json;

use crate::app::{OURS, TestApp};

#[tokio::test]
async fn a_group_lives_from_creation_to_deletion() {
    let app = TestApp::start().await;
    let ours = app.ours();
    let depot = ours.post("/depots", json!({"code": "A", "name": "A"})).await;
    let charger = json!({"identity": "CP-1", "depot_id": depot.id(), "max_power_kw": 22});
    let charger = ours.post("/charge-points", charger).await;
    let vehicle = json!({"fleet_number": "1", "battery_kwh": 99, "max_dc_kw": 99});
    let vehicle = ours.post("/vehicles", vehicle).await;

    let north = ours.post("/resource-groups", json!({"name": "North"})).await;
    assert_eq!((north.status.as_u16(), north.etag()), (201, "\"v1\""));
    insta::assert_json_snapshot!(north.body, {
        ".id" => "[id]", ".created_at" => "[time]", ".updated_at" => "[time]",
    });
    let member = json!({"type": "depot", "id": depot.id()});
    let yard = json!({"name": "Yard", "parent_id": north.id(), "members": [member]});
    let yard = ours.post("/resource-groups", yard).await;
    let path = format!("/resource-groups/{}", yard.id());
    assert_eq!(yard.headers["location"], format!("/api/v1{path}").as_str());
    assert_eq!(ours.get(&path).await.body, yard.body);

    let one = format!("{path}/members/vehicle/{}", vehicle.id());
    assert_eq!(ours.put(&one, json!({})).await.status, 204);
    assert_eq!(ours.put(&one, json!({})).await.status, 204);
    let contents = ours.get(&format!("/resource-groups/{}/contents", north.id())).await.body;
    assert_eq!(
        contents["items"],
        json!([
            {"type": "depot", "id": depot.id()},
            {"type": "charge_point", "id": charger.id()},
            {"type": "vehicle", "id": vehicle.id()},
        ])
    );
    let vehicles = ours.get(&format!("{path}/contents?type=vehicle&limit=1")).await.body;
    assert_eq!(vehicles["items"], json!([{"type": "vehicle", "id": vehicle.id()}]));
    assert_eq!(ours.delete(&one).await.status, 204);
    assert_eq!(ours.delete(&one).await.status, 404);
    assert_eq!(ours.put(&format!("{path}/members/bicycle/{}", vehicle.id()), json!({})).await.status, 404);

    let below = json!({"parent_id": yard.id()});
    let cycle = ours.patch(&format!("/resource-groups/{}", north.id()), below).await;
    assert_eq!((cycle.status.as_u16(), cycle.fields()), (422, vec![("/parent_id", "cycle")]));
    let above = ours.delete(&format!("/resource-groups/{}", north.id())).await;
    assert_eq!((above.status.as_u16(), above.code()), (409, "group_has_children"));
    let top = ours.patch(&path, json!({"parent_id": null, "name": "North"})).await;
    assert_eq!((top.status.as_u16(), top.code()), (409, "group_name_taken"));
    let top = ours.patch(&path, json!({"parent_id": null})).await;
    assert_eq!(top.body["parent_id"], json!(null));
    let found = ours.get(&format!("/resource-groups?depot_id={}", depot.id())).await.body;
    assert_eq!(found["items"], json!([top.body]));
    let emptied = ours.put(&format!("{path}/members"), json!({"members": []})).await;
    assert_eq!(emptied.body["members"], json!([]));
    assert_eq!(ours.delete(&path).await.status, 204);
    assert_eq!(ours.get(&path).await.status, 404);
}

#[tokio::test]
async fn a_key_of_a_group_reaches_the_group() {
    let app = TestApp::start().await;
    let ours = app.ours();
    let inside = ours.post("/depots", json!({"code": "A", "name": "A"})).await;
    let outside = ours.post("/depots", json!({"code": "B", "name": "B"})).await;
    let member = json!({"type": "depot", "id": inside.id()});
    let group = ours.post("/resource-groups", json!({"name": "G", "members": [member]})).await;
    let bootstrap = &app.services.access.bootstrap;
    // Keys belong to an organisation that exists.
    let organisation = bootstrap.ensure_organisation("Stadtwerke").await.unwrap().id;
    let key = json!({"name": "k", "permissions": ["depot:read"], "resource_group_ids": [group.id()]});
    let theirs = app.caller(organisation, Permission::ALL).post("/admin/api-keys", key.clone()).await;
    assert_eq!(theirs.fields(), [("/resource_group_ids/0", "unknown_resource_group")]);

    let reach = kernel::Reach::groups(OURS, [group.id().parse().unwrap()].into(), app.backends.sea.clone());
    let sees = async |id: &str| {
        let id: kernel::DepotId = id.parse().unwrap();
        reach.sees(id).await.unwrap().is_some()
    };
    assert!(sees(inside.id()).await && !sees(outside.id()).await);
}
