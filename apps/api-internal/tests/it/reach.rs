//! Every documented operation, tried by who administers a group that does not hold the thing, and by
//! who administers one that does.

use std::collections::BTreeSet;

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    access::{EMAIL, PASSWORD},
    app::{As, TestApp},
    events::{frames, happens},
    walk::{assert_unchanged, dead_letter, everything, for_all, furnish, operations},
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

/// Of that, what is read and done within a group as far as it is about what the group holds.
const IN_PARTS: [&str; 2] = ["/admin/audit", "/admin/dead-letters"];

/// What is not even read within a group.
const HIDDEN: [&str; 2] = ["/admin/", "/alert-rules"];

fn in_parts(name: &str) -> bool {
    IN_PARTS.iter().any(|part| name.contains(part))
}

fn hidden(name: &str) -> bool {
    !in_parts(name) && HIDDEN.iter().any(|part| name.contains(part))
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
        if let Some(expected) = for_all(name).or(WORDS.contains(&name).then_some(200)) {
            assert_eq!(status, expected, "{name}: {}", reply.body);
            continue;
        }
        let whole = !in_parts(name) && OF_THE_WHOLE.iter().any(|part| name.contains(part));
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
        if operation.method != Method::GET || hidden(operation.name) || operation.name.starts_with("GET /me")
        {
            continue;
        }
        let reply = operation.by(&insider).await;
        assert_eq!(reply.status, 200, "{}: {}", operation.name, reply.body);
        let (_, by_admin) = seen.iter().find(|(name, _)| *name == operation.name).unwrap();
        let (mine, theirs) = (reply.body.to_string(), by_admin.to_string());
        let (mine, theirs) = (ours.seen_in(&mine), ours.seen_in(&theirs));
        // The trail tells of what is there and in the group, not of all that was.
        let same = if in_parts(operation.name) { mine.is_subset(&theirs) } else { mine == theirs };
        assert!(same && mine.is_empty() == theirs.is_empty(), "{}: {mine:?} {theirs:?}", operation.name);
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

/// Ids of things in the trail, as a caller reads it.
async fn trail(caller: &As<'_>) -> Vec<String> {
    let entries = caller.get("/admin/audit?limit=500").await;
    assert_eq!(entries.status, 200, "{}", entries.body);
    let entries = entries.body["items"].as_array().unwrap().clone();
    entries.iter().map(|entry| entry["resource_id"].as_str().unwrap().to_owned()).collect()
}

/// The kinds of things in the trail, as a caller reads it.
async fn words(caller: &As<'_>) -> BTreeSet<String> {
    let entries = caller.get("/admin/audit?limit=500").await.body;
    let entries = entries["items"].as_array().unwrap().iter();
    entries.map(|entry| entry["resource"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_trail_in_a_group_is_about_what_it_holds_and_what_its_reader_did() {
    let app = TestApp::guarded().await;
    let admin = app.administrator("Stadtwerke", EMAIL).await;
    let ours = furnish(&app, &admin).await;
    let insider = administrator_of(&app, &admin, &ours.fill("{group}"), "insider@depot.example").await;
    let me = insider.get("/me").await.body["user"]["id"].as_str().unwrap().to_owned();
    let elsewhere = admin.post("/depots", json!({"code": "Z", "name": "Z"})).await;
    let seen = trail(&insider).await;
    // Each kind of thing that the group holds, by itself or by what it hangs on.
    for name in [
        "depot",
        "zone",
        "bay",
        "circuit",
        "window",
        "charge_point",
        "maintenance",
        "vehicle",
        "id_tag",
        "group",
        "override",
        "run",
        "series",
        "charging_override",
    ] {
        assert!(seen.contains(&ours.fill(&format!("{{{name}}}"))), "{name} is not in the trail");
    }
    for name in ["level", "rule", "alert_rule", "role", "user", "api_key", "organisation"] {
        assert!(!seen.contains(&ours.fill(&format!("{{{name}}}"))), "{name} is in the trail");
    }
    assert!(!seen.contains(&elsewhere.id().to_owned()));
    // One of everything was made: a kind of thing that is new belongs to groups, or is named here.
    let whole = [
        "alert_rule",
        "api_key",
        "organisation",
        "priority_level",
        "priority_rule",
        // Each may be about several depots.
        "report_run",
        "report_schedule",
        "role",
        "user",
    ];
    let (all, some) = (words(&admin).await, words(&insider).await);
    let hidden: Vec<_> = all.difference(&some).filter(|word| !whole.contains(&word.as_str())).collect();
    assert!(hidden.is_empty(), "say in infra-sea/src/reach.rs how groups hold {hidden:?}");
    // Their own acts: signing in, and what they delete, though nothing is left that a group could hold.
    assert!(seen.contains(&me));
    assert_eq!(insider.delete(&ours.fill("/id-tags/{id_tag}")).await.status, 204);
    let deleted = insider.get(&ours.fill("/admin/audit?verb=delete&resource_id={id_tag}")).await.body;
    let entry = deleted["items"][0]["id"].as_str().unwrap().to_owned();
    let empty = admin.post("/resource-groups", json!({"name": "Empty"})).await;
    let outsider = administrator_of(&app, &admin, empty.id(), "outsider@depot.example").await;
    let single = format!("/admin/audit/{entry}");
    let statuses = [insider.get(&single).await, admin.get(&single).await, outsider.get(&single).await];
    assert_eq!(statuses.map(|reply| reply.status.as_u16()), [200, 200, 404]);
    let them = outsider.get("/me").await.body["user"]["id"].as_str().unwrap().to_owned();
    assert_eq!(trail(&outsider).await, [them.as_str(), empty.id()], "that they signed in, and their group");
    // Exports are the same trail.
    let lines = outsider.get("/admin/audit/export").await.body;
    let lines: Vec<&str> = lines.as_str().unwrap().lines().collect();
    assert!(lines.len() == 2 && lines[0].contains(&them) && lines[1].contains(empty.id()), "{lines:?}");
}

#[tokio::test]
async fn dead_letters_are_looked_after_by_who_looks_after_the_charger() {
    let app = TestApp::guarded().await;
    let admin = app.administrator("Stadtwerke", EMAIL).await;
    let ours = furnish(&app, &admin).await;
    let empty = admin.post("/resource-groups", json!({"name": "Empty"})).await;
    let outsider = administrator_of(&app, &admin, empty.id(), "outsider@depot.example").await;
    let insider = administrator_of(&app, &admin, &ours.fill("{group}"), "insider@depot.example").await;
    let organisation = ours.fill("{organisation}").parse().unwrap();
    let replayable = dead_letter(&app, &ours, organisation, "{}").await;
    let (given_up, replayed) =
        (ours.fill("/admin/dead-letters/{dead_letter}"), format!("/admin/dead-letters/{replayable}/replay"));
    for (caller, letters, status) in [(&outsider, 0, 404), (&insider, 2, 204)] {
        let list = caller.get("/admin/dead-letters").await.body;
        assert_eq!(list["items"].as_array().map(Vec::len), Some(letters));
        assert_eq!(caller.delete(&given_up).await.status, status);
        assert_eq!(caller.post(&replayed, json!({})).await.status, status);
    }
    assert_eq!(admin.get("/admin/dead-letters").await.body["items"], json!([]));
}
