//! Batches of what telematics measured.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use kernel::{Clock, Permission};
use resource_group::{CreateGroup, Member};
use serde_json::{Value, json};

use crate::{
    app::{OURS, TestApp},
    world::{World, bus},
};

#[tokio::test]
async fn what_is_wrong_with_one_does_not_keep_the_others_out() {
    let app = TestApp::start().await;
    let world = World::furnish(&app).await;
    let ours = app.ours().await;
    let mut second = bus("102", world.depot);
    second["vin"] = json!("WMAA22ZZ1KT000102");
    let second = ours.post("/vehicles", second).await;
    let at = |minutes| (app.clock.now() + TimeDelta::minutes(minutes)).to_rfc3339();
    let batch = json!({"observations": [
        {"vehicle_id": world.vehicle, "at": at(-1), "soc_percent": 41},
        {"vin": "wmaa22zz1kt000102", "at": at(-3), "soc_percent": 71},
        {"fleet_number": " 101 ", "at": at(-2), "soc_percent": 40},
        {"fleet_number": "999", "at": at(0), "soc_percent": 40},
        {"fleet_number": "101", "at": at(6), "soc_percent": 40},
        {"at": at(0), "soc_percent": 40},
        {"fleet_number": "101", "vehicle_id": world.vehicle, "at": at(0), "soc_percent": 40},
        {"fleet_number": "101", "at": at(0), "soc_percent": 100.5},
        {"fleet_number": "102", "at": at(0), "soc_percent": 70},
    ]});
    let told = ours.post("/telematics", batch.clone()).await;
    assert_eq!(told.status, 200, "{}", told.body);
    insta::assert_json_snapshot!(told.body);
    let soc = async |id: &str| ours.get(&format!("/vehicles/{id}")).await.body["soc"]["percent"].clone();
    let vehicle = world.vehicle.to_string();
    assert_eq!((soc(&vehicle).await, soc(second.id()).await), (json!(41.0), json!(70.0)));

    let again = ours.post("/telematics", batch).await;
    assert_eq!((&again.body["accepted"], &again.body["rejected"]), (&json!(4), &json!(5)));
    let codes: BTreeSet<_> = again.body["results"].as_array().unwrap()[..3]
        .iter()
        .map(|r| &r["code"])
        .map(Value::to_string)
        .collect();
    assert_eq!(codes, BTreeSet::from(["\"outdated\"".to_owned()]), "what is known already changes nothing");
    assert_eq!((soc(&vehicle).await, soc(second.id()).await), (json!(41.0), json!(70.0)));
}

#[tokio::test]
async fn a_batch_has_a_size_and_a_shape() {
    let app = TestApp::start().await;
    let world = World::furnish(&app).await;
    let ours = app.ours().await;
    let one = |soc: f64| json!({"vehicle_id": world.vehicle, "at": app.clock.now(), "soc_percent": soc});
    let full: Vec<_> = (0..1_000).map(|n| one(f64::from(n % 100))).collect();
    let told = ours.post("/telematics", json!({"observations": full})).await;
    assert_eq!(
        (told.status.as_u16(), &told.body["accepted"]),
        (200, &json!(1_000)),
        "{}",
        told.body["errors"]
    );
    let over: Vec<_> = (0..1_001).map(|_| one(101.0)).collect();
    let refused = ours.post("/telematics", json!({"observations": over})).await;
    assert_eq!((refused.status.as_u16(), refused.fields()), (422, vec![("/observations", "too_many")]));
    let misspelt =
        json!({"observations": [one(1.0), {"vehicle": "101", "at": app.clock.now(), "soc_percent": 1}]});
    let refused = ours.post("/telematics", misspelt).await;
    assert_eq!(refused.fields(), [("/observations/1/vehicle", "unknown_field")]);
    let nothing = ours.post("/telematics", json!({"observations": []})).await;
    assert_eq!(nothing.body, json!({"accepted": 0, "rejected": 0, "results": []}));
}

#[tokio::test]
async fn vehicles_out_of_reach_are_unknown() {
    let app = TestApp::start().await;
    let world = World::furnish(&app).await;
    let at = app.clock.now();
    let batch = || json!({"observations": [{"fleet_number": "101", "at": at, "soc_percent": 5}]});
    let scope = app.scope(OURS).await;
    let mut outcomes = Vec::new();
    for (name, members) in [("none", BTreeSet::new()), ("all", BTreeSet::from([Member::Depot(world.depot)]))]
    {
        let command = CreateGroup { parent: None, name: name.into(), members };
        let group = app.services.resource_groups.group_create(&scope, command).await.unwrap();
        let partner = app.partner(OURS, Permission::ALL, Some([group.id].into())).await;
        outcomes.push(partner.post("/telematics", batch()).await.body["results"][0]["code"].clone());
    }
    let theirs = app.theirs().await.post("/telematics", batch()).await;
    outcomes.push(theirs.body["results"][0]["code"].clone());
    assert_eq!(outcomes, [json!("unknown_vehicle"), json!(null), json!("unknown_vehicle")]);
    let reader = app.partner(OURS, &[Permission::VehicleRead], None).await;
    assert_eq!(reader.post("/telematics", batch()).await.status, 403);
}
