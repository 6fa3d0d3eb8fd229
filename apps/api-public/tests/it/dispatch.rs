//! Runs, files of runs, and whether vehicles will be ready.

use axum::http::Method;
use chrono::{SecondsFormat, TimeDelta};
use kernel::Clock;
use serde_json::{Value, json};

use crate::{
    app::TestApp,
    world::{World, column},
};

/// So many hours from now.
fn later(app: &TestApp, hours: i64) -> String {
    (app.clock.now() + TimeDelta::hours(hours)).to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn a_run(app: &TestApp, world: &World, block: &str, hours: i64) -> Value {
    json!({"depot_id": world.depot, "block": block, "departure_at": later(app, hours),
           "arrival_at": later(app, hours + 2)})
}

#[tokio::test]
async fn a_run_lives_from_planning_to_deletion() {
    let app = TestApp::start().await;
    let world = World::furnish(&app).await;
    let ours = app.ours().await;
    let full = json!({
        "depot_id": world.depot, "service_date": "2031-05-05", "block": " 17-03 ",
        "departure_at": "2031-05-05T04:30:00+02:00", "arrival_at": "2031-05-05T20:00:00Z",
        "distance_km": 120.5, "energy_required_kwh": 150.25, "required_soc_percent": 85,
        "minimum_soc_percent": 10, "vehicle_id": world.vehicle, "vehicle_class": "solo", "priority_level": 2
    });
    let made = ours.post("/dispatch/runs", full).await;
    assert_eq!(made.status, 201, "{}", made.body);
    insta::assert_json_snapshot!(made.body, {
        ".id" => "(id)", ".depot_id" => "(id)", ".vehicle_id" => "(id)",
    });
    assert_eq!(made.headers["location"], format!("/v1/dispatch/runs/{}", made.id()));
    let path = format!("/dispatch/runs/{}", made.id());
    let read = ours.get(&path).await;
    assert_eq!((&read.body, read.etag()), (&made.body, made.etag()));
    let freed = ours.patch(&path, json!({"vehicle_id": null})).await;
    assert_eq!(
        (&freed.body["vehicle_id"], &freed.body["readiness"]["state"]),
        (&json!(null), &json!("unassigned"))
    );
    let stale = ours.ask(Method::DELETE, &path, None, &[("if-match", made.etag())]).await;
    assert_eq!((stale.status.as_u16(), stale.code()), (412, "stale"));
    let theirs = app.theirs().await;
    assert_eq!(theirs.get(&path).await.status, 404);
    assert_eq!(theirs.delete(&path).await.status, 404);
    assert_eq!(ours.delete(&path).await.status, 204);
    assert_eq!(ours.get(&path).await.status, 404);
}

#[tokio::test]
async fn runs_are_filtered_and_never_overlap() {
    let app = TestApp::start().await;
    let world = World::furnish(&app).await;
    let ours = app.ours().await;
    let mut early = a_run(&app, &world, "1", 1);
    early["vehicle_id"] = json!(world.vehicle);
    assert_eq!(ours.post("/dispatch/runs", early).await.status, 201);
    assert_eq!(ours.post("/dispatch/runs", a_run(&app, &world, "2", 5)).await.status, 201);
    let mut overlapping = a_run(&app, &world, "3", 2);
    overlapping["vehicle_id"] = json!(world.vehicle);
    let refused = ours.post("/dispatch/runs", overlapping).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (409, "run_overlap"));
    for (query, expected) in [
        (String::new(), vec!["1", "2"]),
        ("?unassigned=true".to_owned(), vec!["2"]),
        ("?readiness=unassigned".to_owned(), vec!["2"]),
        (format!("?vehicle_id={}", world.vehicle), vec!["1"]),
        (format!("?from={}", later(&app, 2)), vec!["2"]),
        ("?block=1&state=planned".to_owned(), vec!["1"]),
    ] {
        assert_eq!(column(&ours.get(&format!("/dispatch/runs{query}")).await, "block"), expected, "{query}");
    }
    assert_eq!(ours.get("/dispatch/runs?series_id=x").await.code(), "malformed_query");
}

#[tokio::test]
async fn a_file_is_taken_whole_or_not_at_all() {
    let app = TestApp::start().await;
    let world = World::furnish(&app).await;
    let ours = app.ours().await;
    let csv = "depot;service_date;block;departure_at;arrival_at;vehicle\n\
               MUC;2031-05-05;A;05:00;09:00;101\nMUC;2031-05-05;B;05:00;09:00;\n";
    let dry = ours.upload("/dispatch/imports?dry_run=true", "text/csv", csv).await;
    assert_eq!((dry.status.as_u16(), &dry.body["created"]), (200, &json!(2)), "{}", dry.body);
    assert!(column(&ours.get("/dispatch/runs").await, "block").is_empty());
    let taken = ours.upload("/dispatch/imports", "text/csv; charset=utf-8", csv).await;
    assert_eq!(taken.status, 201, "{}", taken.body);
    insta::assert_json_snapshot!(taken.body);
    assert_eq!(ours.upload("/dispatch/imports", "text/csv", csv).await.body["unchanged"], 2);
    let bad = json!([{"depot": world.depot, "block": "C", "departure_at": later(&app, 1),
                      "arrival_at": later(&app, 2), "vehicle": "999"}]);
    let refused = ours.post("/dispatch/imports", bad).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    insta::assert_json_snapshot!(refused.body, {".request_id" => "(id)"});
    assert_eq!(ours.upload("/dispatch/imports", "text/plain", csv).await.status, 415);

    let large = format!("{csv}{}", " ".repeat(2 * 1024 * 1024));
    let read = ours.upload("/dispatch/imports", "text/csv", &large).await;
    assert_ne!(read.status, 413, "files may be larger than other bodies");
    let stranger = app.theirs().await.upload("/dispatch/imports", "text/csv", csv).await;
    assert_eq!(stranger.status, 422, "{}", stranger.body);
}

#[tokio::test]
async fn readiness_is_counted_by_depot() {
    let app = TestApp::start().await;
    let world = World::furnish(&app).await;
    let ours = app.ours().await;
    assert_eq!(ours.post("/dispatch/runs", a_run(&app, &world, "1", 1)).await.status, 201);
    let path = format!("/dispatch/readiness?depot_id={}", world.depot);
    let readiness = ours.get(&path).await;
    insta::assert_json_snapshot!(readiness.body, {
        ".depot_id" => "(id)", ".runs[].id" => "(id)", ".runs[].depot_id" => "(id)",
    });
    assert_eq!(ours.get("/dispatch/readiness").await.status, 400);
    assert_eq!(app.theirs().await.get(&path).await.status, 404);
}
