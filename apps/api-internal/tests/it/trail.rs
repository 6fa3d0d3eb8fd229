//! Every change is in the audit trail: each documented write is done once by an administrator, and
//! the trail is asked what that very request left behind.

use axum::http::Method;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    access::{EMAIL, PASSWORD},
    app::{As, TestApp},
    walk::{OPEN, Operation, dead_letter, furnish, operations},
};

/// Writes that change nothing, or nothing that anybody decided.
const NO_CHANGE: [&str; 5] = [
    "POST /charging/allocation-preview",
    "POST /charging/plan-preview",
    "POST /dispatch/assignment-suggestions",
    // The plan follows from what was decided, as it does by itself.
    "POST /depots/{depot}/plan",
    // Measurements, as those of chargers are: many, and nobody's decision.
    "POST /circuits/{circuit}/load-readings",
];

/// Does an operation and says whether it was done, or stands in the way of others for now.
async fn done(admin: &As<'_>, operation: &Operation, number: usize) -> bool {
    let id = format!("trail-{number}");
    let named = [("x-request-id", id.as_str())];
    let reply = admin.ask(operation.method.clone(), &operation.path, operation.body.clone(), &named).await;
    if reply.status == 409 && operation.method == Method::DELETE {
        return false;
    }
    assert!(reply.status.is_success(), "{}: {} {}", operation.name, reply.status, reply.body);
    let left = admin.get(&format!("/admin/audit?request_id={id}")).await.body;
    let entries = left["items"].as_array().unwrap();
    assert!(!entries.is_empty(), "{} left no audit entry", operation.name);
    for entry in entries {
        assert_eq!(entry["actor"]["type"], "user", "{}", operation.name);
        let changed = entry["before"] != Value::Null || entry["after"] != Value::Null;
        assert!(changed, "{} does not say what was changed: {entry}", operation.name);
    }
    // What was made is not to stand in the way of deletions.
    if let Some(location) = reply.headers.get("location").filter(|_| reply.status == 201) {
        let path = location.to_str().unwrap().strip_prefix("/api/v1").unwrap();
        if operation.name != "POST /admin/users/{user}/invitation" {
            admin.delete(path).await;
        }
    }
    true
}

#[tokio::test]
async fn every_write_leaves_an_entry() {
    let app = TestApp::guarded().await;
    let admin = app.administrator("Stadtwerke", EMAIL).await;
    let ours = furnish(&app, &admin).await;
    let organisation = ours.fill("{organisation}").parse().unwrap();
    // The session at the charger keeps it and its depot from being deleted: these two are idle.
    let depot = admin.post("/depots", json!({"code": "Z", "name": "Z"})).await;
    let charger = json!({"identity": "CP-Z", "depot_id": depot.id(), "max_power_kw": 22});
    let charger = admin.post("/charge-points", charger).await;
    // Only a run with a vehicle departs, and not a day ahead.
    let at = |hours| (app.backends.clock.now() + TimeDelta::hours(hours)).to_rfc3339();
    let (depot_id, vehicle) = (ours.fill("{depot}"), ours.fill("{vehicle}"));
    let run = json!({"depot_id": depot_id, "block": "Z", "vehicle_id": vehicle, "departure_at": at(1), "arrival_at": at(2)});
    let run = admin.post("/dispatch/runs", run).await;
    let replayable = dead_letter(&app, &ours, organisation, "{}").await;

    // Two more devices of the administrator: one is signed out by name, one with all others.
    let mut others = Vec::new();
    for _ in 0..2 {
        assert_eq!(app.sign_in(EMAIL, PASSWORD).await.status, 200);
        others = admin.get("/me/sessions").await.body["items"].as_array().unwrap().clone();
    }
    let other = others.iter().find(|session| session["current"] == false).unwrap()["id"].clone();
    let other = other.as_str().unwrap();

    let mut writes: Vec<_> = operations(&ours)
        .into_iter()
        .filter(|operation| operation.method != Method::GET && !NO_CHANGE.contains(&operation.name))
        .collect();
    for operation in &mut writes {
        match operation.name {
            "DELETE /depots/{depot}" => operation.path = format!("/depots/{}", depot.id()),
            "DELETE /charge-points/{charge_point}" => {
                operation.path = format!("/charge-points/{}", charger.id());
            }
            "POST /dispatch/runs/{run}/depart" => {
                operation.path = format!("/dispatch/runs/{}/depart", run.id());
            }
            // Their own session goes on.
            "DELETE /me/sessions/{admin_session}" => operation.path = format!("/me/sessions/{other}"),
            "POST /admin/dead-letters/{dead_letter}/replay" => {
                operation.path = format!("/admin/dead-letters/{replayable}/replay");
            }
            _ => {}
        }
    }
    // Sessions end with a new password: this one is ended first. Deletions come last, those of parts
    // before those of wholes, and once more where others stood in the way.
    writes.sort_by_key(|operation| match operation.name {
        name if name.contains("/sessions/") => 0,
        _ if operation.method != Method::DELETE => 1,
        name => usize::MAX - name.split('/').count(),
    });
    let mut number = 0;
    while !writes.is_empty() {
        let before = writes.len();
        let mut left = Vec::new();
        for operation in writes {
            number += 1;
            if !done(&admin, &operation, number).await {
                left.push(operation);
            }
        }
        let names: Vec<_> = left.iter().map(|operation| operation.name).collect();
        assert!(left.len() < before, "these stand in each other's way: {names:?}");
        writes = left;
    }
}

/// Of what needs no credentials: each leaves an entry, but for an exchange of tokens, which goes on with
/// what was decided.
#[tokio::test]
async fn signing_in_and_out_leaves_entries() {
    let app = TestApp::guarded().await;
    let admin = app.administrator("Stadtwerke", EMAIL).await;
    let ada = admin.post("/admin/users", json!({"email": "ada@depot.example", "display_name": "Ada"})).await;
    let token = ada.body["invitation_token"].clone();
    let nobody = app.bearing("");
    let as_ada = json!({"email": "ada@depot.example", "password": PASSWORD});
    let mut tokens = json!({});
    // A copied token ends the session, and so does signing out.
    let mut left = Vec::new();
    for (n, step) in
        ["accept-invitation", "token", "refresh", "refresh", "token", "sign-out"].iter().enumerate()
    {
        let body = match *step {
            "accept-invitation" => json!({"token": token, "password": PASSWORD}),
            "token" => as_ada.clone(),
            // That of the last sign-in, never a new one: the second exchange is one too many.
            "refresh" | "sign-out" => json!({"refresh_token": tokens["refresh_token"]}),
            other => panic!("{other} is not tried"),
        };
        let id = format!("open-{n}");
        let named = [("x-request-id", id.as_str())];
        let reply = nobody.ask(Method::POST, &format!("/auth/{step}"), Some(body), &named).await;
        if *step == "token" {
            tokens = reply.body;
        }
        let entries = admin.get(&format!("/admin/audit?request_id={id}")).await.body;
        let entries = entries["items"].as_array().unwrap().clone();
        let words = |entry: &Value| format!("{} {}", entry["verb"], entry["resource"]).replace('"', "");
        left.push((*step, entries.iter().map(words).collect::<Vec<_>>().join(", ")));
    }
    let expected = [
        ("accept-invitation", "update user"),
        ("token", "sign_in user"),
        ("refresh", ""),
        ("refresh", "delete session"),
        ("token", "sign_in user"),
        ("sign-out", "delete session"),
    ];
    assert_eq!(left, expected.map(|(step, words)| (step, words.to_owned())));
    let tried = expected.map(|(step, _)| format!("POST /auth/{step}"));
    let mut changing = OPEN.iter().filter(|open| !open.starts_with("GET "));
    assert!(changing.all(|open| tried.contains(&(*open).to_owned())), "a new one belongs here: {OPEN:?}");
}
