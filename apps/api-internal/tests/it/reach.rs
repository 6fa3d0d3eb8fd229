//! Every documented operation, tried by who administers a group that does not hold the thing, and by
//! who administers one that does.

use std::collections::BTreeSet;

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    access::{EMAIL, PASSWORD},
    app::{As, TestApp},
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
const OF_THE_WHOLE: [&str; 4] = ["/admin/", "/priority/levels", "/priority/rules", "/resource-groups"];

/// A user who administers one group and nothing else, signed in.
async fn administrator_of<'a>(app: &'a TestApp, admin: &As<'_>, group: &str, email: &str) -> As<'a> {
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
            () if writes_whole || name.contains("/admin/") => &[403],
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
        if operation.method != Method::GET
            || operation.name.contains("/admin/")
            || operation.name == "GET /me"
        {
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
