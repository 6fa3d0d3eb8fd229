//! Every documented operation, tried by who administers a group that does not hold the thing, and by
//! who administers one that does.

use std::collections::BTreeSet;

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    access::{EMAIL, PASSWORD},
    app::{As, TestApp},
    events::{frames, happens},
    walk::{FOR_ALL, assert_unchanged, everything, furnish, operations},
};

/// What names no thing of a fleet, and so is read by whoever holds the permission anywhere.
const WORDS: [&str; 4] = [
    "GET /priority/levels",
    "GET /priority/levels/{level}",
    "GET /priority/rules",
    "GET /priority/rules/{rule}",
];

/// What belongs to the organisation as a whole: granted on a group, the permission is not enough.
const OF_THE_WHOLE: [&str; 5] =
    ["/admin/", "/alert-rules", "/priority/levels", "/priority/rules", "/resource-groups"];

/// Of that, what is not even read within a group.
const HIDDEN: [&str; 2] = ["/admin/", "/alert-rules"];

fn hidden(name: &str) -> bool {
    HIDDEN.iter().any(|part| name.contains(part))
}

/// A user who administers one group and nothing else, signed in.
pub async fn administrator_of<'a>(app: &'a TestApp, admin: &As<'_>, group: &str, email: &str) -> As<'a> {
    let roles = admin.get("/admin/roles").await.body;
    let administrator = roles["items"].as_array().unwrap().iter().find(|r| r["name"] == "administrator");
    let grant = json!({"role_id": administrator.unwrap()["id"], "resource_group_id": group});
    let user = json!({"email": email, "display_name": "G", "password": PASSWORD, "grants": [grant]});
    assert_eq!(admin.post("/admin/users", user).await.status, 201);
    app.signed_in(email).await
}

#[tokio::test]
async fn who_administers_another_group_finds_nothing_of_ours() {
    let app = TestApp::guarded().await;
    let admin = app.administrator("Stadtwerke", EMAIL).await;
    let ours = furnish(&app, &admin).await;
    let empty = admin.post("/resource-groups", json!({"name": "Empty"})).await;
    let outsider = administrator_of(&app, &admin, empty.id(), "outsider@depot.example").await;
    let before = everything(&ours, &admin).await;
    for operation in operations(&ours) {
        let reply = operation.by(&outsider).await;
        let (name, status) = (operation.name, reply.status.as_u16());
        if WORDS.contains(&name) || FOR_ALL.contains(&name) {
            assert_eq!(status, 200, "{name}: {}", reply.body);
            continue;
        }
        let whole = OF_THE_WHOLE.iter().any(|part| name.contains(part));
        let writes_whole = name == "POST /depots" || (whole && operation.method != Method::GET);
        let expected: &[u16] = match () {
            () if writes_whole || hidden(name) => &[403],
            () if !ours.seen_in(&operation.path).is_empty() => &[404],
            // A list shows nothing; what would be tied to ours is told like what does not exist.
            () => &[200, 404, 422],
        };
        assert!(expected.contains(&status), "{name}: {status} {}", reply.body);
        if reply.status.is_success() {
            let sent = operation.body.as_ref().map(Value::to_string).unwrap_or_default();
            assert!(ours.seen_in(&sent).is_empty(), "{name} took {sent}");
            let shown = reply.body.to_string();
            let organisation = BTreeSet::from(["organisation"]);
            assert!(ours.seen_in(&shown).is_subset(&organisation), "{name} tells of ours: {shown}");
        }
    }
    assert_unchanged(&before, &everything(&ours, &admin).await);
}

#[tokio::test]
async fn who_administers_the_group_that_holds_it_sees_and_steers_it() {
    let app = TestApp::guarded().await;
    let admin = app.administrator("Stadtwerke", EMAIL).await;
    let ours = furnish(&app, &admin).await;
    let insider = administrator_of(&app, &admin, &ours.fill("{group}"), "insider@depot.example").await;
    let seen = everything(&ours, &admin).await;
    for operation in operations(&ours) {
        if operation.method != Method::GET || hidden(operation.name) || operation.name == "GET /me" {
            continue;
        }
        let reply = operation.by(&insider).await;
        assert_eq!(reply.status, 200, "{}: {}", operation.name, reply.body);
        let (_, by_admin) = seen.iter().find(|(name, _)| *name == operation.name).unwrap();
        let (mine, theirs) = (reply.body.to_string(), by_admin.to_string());
        assert_eq!(ours.seen_in(&mine), ours.seen_in(&theirs), "{}", operation.name);
    }
    let changed = insider.patch(&ours.fill("/vehicles/{vehicle}"), json!({"fleet_number": "7"})).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    // Out of the group means out of sight: a vehicle needs one of their depots.
    let out = insider.patch(&ours.fill("/vehicles/{vehicle}"), json!({"depot_id": null})).await;
    assert_eq!((out.status.as_u16(), out.fields()), (422, vec![("/depot_id", "required")]));
}

#[tokio::test]
async fn what_happens_is_heard_in_the_group_that_holds_it() {
    let app = TestApp::guarded().await;
    let admin = app.administrator("Stadtwerke", EMAIL).await;
    let ours = furnish(&app, &admin).await;
    let empty = admin.post("/resource-groups", json!({"name": "Empty"})).await;
    let outsider = administrator_of(&app, &admin, empty.id(), "outsider@depot.example").await;
    let insider = administrator_of(&app, &admin, &ours.fill("{group}"), "insider@depot.example").await;
    let organisation = ours.fill("{organisation}").parse().unwrap();
    let elsewhere = admin.post("/depots", json!({"code": "Z", "name": "Z"})).await;
    let (vehicle, depot) = (ours.fill("{vehicle}"), ours.fill("{depot}"));
    for (n, name, data) in [
        (1, "manage.vehicle.soc_observed.v1", json!({"vehicle_id": vehicle})),
        (2, "manage.transaction.started.v1", json!({"depot_id": depot})),
        (3, "manage.transaction.started.v1", json!({"depot_id": elsewhere.id()})),
        (4, "manage.user.created.v1", json!({})),
        (5, "manage.alert.raised.v1", json!({"charge_point_id": ours.fill("{charge_point}")})),
        (6, "manage.alert.raised.v1", json!({"circuit_id": ours.fill("{circuit}")})),
    ] {
        let mut data = data;
        data["n"] = json!(n);
        happens(&app, organisation, name, data).await;
    }
    for (caller, expected) in [(&admin, &[1, 2, 3, 4, 5, 6][..]), (&insider, &[1, 2, 5]), (&outsider, &[])] {
        let told = caller.get("/events?follow=false&after=0").await.body;
        let told = frames(told.as_str().unwrap_or_default());
        let seen: Vec<_> = told.iter().filter_map(|(_, _, n)| n.as_i64()).collect();
        assert_eq!(seen, expected);
    }
}
