//! Reports and charts, asked for by who sees one depot of two.

use runtime::services::report_runner;
use serde_json::{Value, json};

use crate::{
    access::EMAIL,
    app::{As, TestApp},
    events::{frames, happens},
    reach::administrator_of,
};

/// Two depots, and who administers the group that holds the first.
struct Two<'a> {
    admin: As<'a>,
    member: As<'a>,
    seen: String,
    hidden: String,
}

async fn two(app: &TestApp) -> Two<'_> {
    let admin = app.administrator("Stadtwerke", EMAIL).await;
    let mut depots = Vec::new();
    for code in ["A", "B"] {
        depots.push(admin.post("/depots", json!({"code": code, "name": code})).await.id().to_owned());
    }
    let [seen, hidden] = depots.try_into().unwrap();
    let group = json!({"name": "G", "members": [{"type": "depot", "id": seen}]});
    let group = admin.post("/resource-groups", group).await;
    let member = administrator_of(app, &admin, group.id(), "member@depot.example").await;
    Two { admin, member, seen, hidden }
}

fn wanted(depot: Option<&str>) -> Value {
    json!({"kind": "charging_sessions", "format": "csv", "depot_id": depot,
        "from": "2026-03-01T00:00:00Z", "to": "2026-03-02T00:00:00Z"})
}

fn daily(depot: Option<&str>) -> Value {
    json!({"name": "S", "kind": "charging_sessions", "format": "csv", "depot_id": depot,
        "cron": "0 6 * * *", "timezone": "Europe/Berlin", "period": "day"})
}

async fn count(caller: &As<'_>, path: &str) -> usize {
    caller.get(path).await.body["items"].as_array().unwrap().len()
}

#[tokio::test]
async fn reports_are_about_depots_that_are_seen() {
    let app = TestApp::guarded().await;
    let Two { admin, member, seen, hidden } = two(&app).await;
    for (depot, refusal) in [(None, "required"), (Some(hidden.as_str()), "unknown_depot")] {
        for (path, body) in [("/reports/runs", wanted(depot)), ("/reports/schedules", daily(depot))] {
            let refused = member.post(path, body).await;
            assert_eq!((refused.status.as_u16(), refused.fields()), (422, vec![("/depot_id", refusal)]));
        }
    }
    let mut runs = Vec::new();
    for depot in [None, Some(&seen), Some(&hidden)] {
        let depot = depot.map(String::as_str);
        let run = admin.post("/reports/runs", wanted(depot)).await;
        let schedule = admin.post("/reports/schedules", daily(depot)).await;
        assert_eq!((run.status.as_u16(), schedule.status.as_u16()), (202, 201));
        runs.push((run.id().to_owned(), schedule.id().to_owned()));
    }
    let runner = report_runner(&app.backends, &app.config).unwrap();
    while runner.run_next().await.unwrap() {}
    runner.index_finished().await.unwrap();
    for path in ["/reports", "/reports/runs", "/reports/schedules"] {
        assert_eq!((count(&admin, path).await, count(&member, path).await), (3, 1), "{path}");
    }
    assert_eq!(count(&member, &format!("/reports?depot_id={seen}")).await, 1);
    assert_eq!(count(&member, &format!("/reports?depot_id={hidden}")).await, 0);
    for (number, (run, schedule)) in runs.iter().enumerate() {
        let status = if number == 1 { 200 } else { 404 };
        for path in [format!("/reports/runs/{run}"), format!("/reports/schedules/{schedule}")] {
            assert_eq!(member.get(&path).await.status, status, "{path}");
        }
        let again = member.post(&format!("/reports/schedules/{schedule}/run"), json!({})).await;
        assert_eq!(again.status, if number == 1 { 202 } else { 404 });
        let cancel = member.post(&format!("/reports/runs/{run}/cancel"), json!({})).await;
        assert_eq!(cancel.status, if number == 1 { 409 } else { 404 }, "it has ended");
        let path = format!("/reports/schedules/{schedule}");
        let changed = member.patch(&path, json!({"paused": true})).await;
        assert_eq!(changed.status, status);
        assert_eq!(member.delete(&path).await.status, if number == 1 { 204 } else { 404 });
    }
    assert_eq!(count(&admin, "/reports/schedules").await, 2);
}

#[tokio::test]
async fn what_becomes_of_reports_is_heard_where_their_depot_is_seen() {
    let app = TestApp::guarded().await;
    let Two { admin, member, seen, hidden } = two(&app).await;
    for depot in [None, Some(seen.as_str()), Some(hidden.as_str())] {
        assert_eq!(admin.post("/reports/runs", wanted(depot)).await.status, 202);
    }
    let organisation = admin.get("/me").await.body["organisation"]["id"].as_str().unwrap().parse().unwrap();
    // Publishes whatever waits.
    happens(&app, organisation, "manage.user.created.v1", json!({})).await;
    let heard = async |caller: &As<'_>| {
        let told = caller.get("/events?follow=false&after=0").await.body;
        let told = frames(told.as_str().unwrap_or_default());
        told.into_iter().filter(|(_, name, _)| *name == "manage.report_run.requested.v1").count()
    };
    assert_eq!((heard(&admin).await, heard(&member).await), (3, 1));
}

#[tokio::test]
async fn a_chart_is_of_what_is_seen() {
    let app = TestApp::guarded().await;
    let Two { admin, member, seen, hidden } = two(&app).await;
    let mut of = Vec::new();
    for depot in [&seen, &hidden] {
        let charger = json!({"identity": format!("CP-{depot}"), "depot_id": depot, "max_power_kw": 50});
        let charger = admin.post("/charge-points", charger).await;
        let bus =
            json!({"fleet_number": depot[24..], "battery_kwh": 100, "max_ac_kw": 22, "depot_id": depot});
        let bus = admin.post("/vehicles", bus).await;
        let grid = json!({"name": "Grid", "kind": "grid_connection", "limit_kw": 60});
        assert_eq!(admin.post(&format!("/depots/{depot}/circuits"), grid).await.status, 201);
        of.push([
            format!("/charts/energy?depot_id={depot}"),
            format!("/charts/circuit_power?depot_id={depot}"),
            format!("/charts/energy?charge_point_id={}", charger.id()),
            format!("/charts/soc?vehicle_id={}", bus.id()),
        ]);
    }
    for (path, status) in of[0].iter().map(|path| (path, 200)).chain(of[1].iter().map(|path| (path, 404))) {
        let told = member.get(path).await;
        assert_eq!(told.status, status, "{path}: {}", told.body);
        assert_eq!(admin.get(path).await.status, 200, "{path}");
    }
}
