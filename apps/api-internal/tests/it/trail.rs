//! Every change is in the audit trail: each documented write is done once by an administrator, and
//! the trail is asked what that very request left behind.

use axum::http::Method;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    access::EMAIL,
    app::{As, TestApp},
    walk::{Operation, dead_letter, furnish, operations},
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
