//! Dispatch over HTTP: runs and what becomes of them, readiness, and the priority of duty.

use axum::http::Method;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use kernel::Permission;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    app::{As, OURS, TestApp},
    charge_points::{DEPOT, started},
};

/// So many hours from now, to the second.
pub fn later(app: &TestApp, hours: i64) -> String {
    let at: DateTime<Utc> = app.backends.clock.now() + TimeDelta::hours(hours);
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

pub async fn bus(ours: &As<'_>, fleet_number: &str) -> String {
    let bus = json!({"fleet_number": fleet_number, "battery_kwh": 350, "max_dc_kw": 150, "depot_id": DEPOT,
        "efficiency_kwh_per_km": 1.2, "class": "solo"});
    let made = ours.post("/vehicles", bus).await;
    assert_eq!((made.status.as_u16(), &made.body["class"]), (201, &json!("solo")));
    made.id().to_owned()
}

/// Two hours from `hours` hours from now.
pub fn a_run(app: &TestApp, block: &str, hours: i64) -> Value {
    json!({"depot_id": DEPOT, "block": block, "departure_at": later(app, hours), "arrival_at": later(app, hours + 2)})
}

pub fn blocks(body: &Value) -> Vec<&str> {
    let items = body["items"].as_array().unwrap();
    items.iter().map(|run| run["block"].as_str().unwrap()).collect()
}

async fn made(ours: &As<'_>, run: Value) -> String {
    let made = ours.post("/dispatch/runs", run).await;
    assert_eq!(made.status, 201, "{}", made.body);
    format!("/dispatch/runs/{}", made.id())
}

#[tokio::test]
async fn a_run_lives_from_planning_to_departure() {
    let app = started().await;
    let ours = app.ours();
    let vehicle = bus(&ours, "B-1").await;
    let full = json!({
        "depot_id": DEPOT, "service_date": "2031-05-05", "block": " 17-03 ",
        "departure_at": "2031-05-05T04:30:00+02:00", "arrival_at": "2031-05-05T20:00:00Z",
        "distance_km": 120.5, "energy_required_kwh": 150.25, "required_soc_percent": 85,
        "minimum_soc_percent": 10, "vehicle_id": vehicle, "vehicle_class": "solo", "priority_level": 2
    });
    let created = ours.post("/dispatch/runs", full).await;
    assert_eq!(created.status, 201, "{}", created.body);
    assert_eq!(created.headers["location"], format!("/api/v1/dispatch/runs/{}", created.id()));
    insta::assert_json_snapshot!(created.body, {
        ".id" => "(id)", ".vehicle_id" => "(id)", ".created_at" => "(time)", ".updated_at" => "(time)",
    });
    let path = format!("/dispatch/runs/{}", created.id());
    let read = ours.get(&path).await;
    assert_eq!((&read.body, read.etag()), (&created.body, created.etag()));

    let soon = json!({"service_date": null, "departure_at": later(&app, 1), "arrival_at": later(&app, 3)});
    assert_eq!(ours.patch(&path, soon).await.fields(), [("/service_date", "wrong_type")]);
    let day = &later(&app, 1)[..10];
    let soon = json!({"service_date": day, "departure_at": later(&app, 1), "arrival_at": later(&app, 3)});
    let changed = ours.patch(&path, soon).await;
    assert_eq!((changed.status.as_u16(), &changed.body["by_hand"]), (200, &json!(true)), "{}", changed.body);
    let stale = ours.ask(Method::DELETE, &path, None, &[("if-match", created.etag())]).await;
    assert_eq!((stale.status.as_u16(), stale.code()), (412, "stale"));
    let freed = ours.patch(&path, json!({"vehicle_id": null, "vehicle_class": null})).await;
    assert_eq!(
        (&freed.body["vehicle_id"], &freed.body["readiness"]["state"]),
        (&Value::Null, &json!("unassigned"))
    );
    let departed = ours.post(&format!("{path}/depart"), json!({})).await;
    assert_eq!((departed.status.as_u16(), departed.code()), (409, "run_unassigned"));
    ours.patch(&path, json!({"vehicle_id": vehicle})).await;
    let early = ours.post(&format!("{path}/depart"), json!({"at": later(&app, 1)})).await;
    assert_eq!(early.fields(), [("/at", "in_the_future")]);
    let departed = ours.ask(Method::POST, &format!("{path}/depart"), None, &[]).await;
    assert_eq!(
        (&departed.body["state"], &departed.body["readiness"]["state"]),
        (&json!("departed"), &json!("departed"))
    );
    assert_eq!(ours.post(&format!("{path}/cancel"), json!({})).await.code(), "run_departed");
    assert_eq!(ours.delete(&path).await.code(), "run_departed");
    let arrival = later(&app, 4);
    let late = ours.patch(&path, json!({"arrival_at": arrival})).await;
    assert_eq!(late.body["arrival_at"], arrival);
    let audit = ours.get("/admin/audit?limit=500").await;
    let runs = audit.body["items"].as_array().unwrap().iter().filter(|entry| entry["resource"] == "run");
    assert_eq!(runs.count(), 6);
}

#[tokio::test]
async fn every_broken_rule_is_named_at_once() {
    let app = started().await;
    let ours = app.ours();
    let vehicle = bus(&ours, "B-1").await;
    let absurd = json!({
        "depot_id": DEPOT, "block": "", "departure_at": later(&app, 3), "arrival_at": later(&app, 3),
        "distance_km": -1, "energy_required_kwh": 2000.5, "vehicle_id": Uuid::from_u128(3)
    });
    let refused = ours.post("/dispatch/runs", absurd).await;
    assert_eq!(
        (refused.status.as_u16(), refused.fields()),
        (
            422,
            vec![
                ("/block", "required"),
                ("/arrival_at", "out_of_order"),
                ("/distance_km", "out_of_range"),
                ("/energy_required_kwh", "out_of_range"),
                ("/vehicle_id", "unknown_vehicle"),
            ]
        )
    );
    let mut run = a_run(&app, "1", 1);
    (run["required_soc_percent"], run["priority_level"]) = (json!(101), json!(10));
    assert_eq!(
        ours.post("/dispatch/runs", run).await.fields(),
        [("/required_soc_percent", "out_of_range"), ("/priority_level", "out_of_range")]
    );
    let mut run = a_run(&app, "1", 1);
    run["readiness"] = json!({"state": "ready"});
    assert_eq!(ours.post("/dispatch/runs", run).await.fields(), [("/readiness", "unknown_field")]);
    let mut run = a_run(&app, "1", 1);
    (run["vehicle_id"], run["vehicle_class"], run["distance_km"]) =
        (json!(vehicle), json!("long"), json!(300));
    assert_eq!(
        ours.post("/dispatch/runs", run).await.fields(),
        [("/vehicle_id", "class_mismatch"), ("/distance_km", "beyond_battery")]
    );
    let mut run = a_run(&app, "1", 1);
    run["depot_id"] = json!(Uuid::from_u128(3));
    assert_eq!(ours.post("/dispatch/runs", run).await.fields(), [("/depot_id", "unknown_depot")]);
    assert_eq!(
        app.theirs().post("/dispatch/runs", a_run(&app, "1", 1)).await.fields(),
        [("/depot_id", "unknown_depot")]
    );
}

#[tokio::test]
async fn a_vehicle_is_never_on_two_runs() {
    let app = started().await;
    let ours = app.ours();
    let vehicle = bus(&ours, "B-1").await;
    let with = |block: &str, hours| {
        let mut run = a_run(&app, block, hours);
        run["vehicle_id"] = json!(vehicle);
        run
    };
    let first = made(&ours, with("1", 4)).await;
    let refused = ours.post("/dispatch/runs", with("2", 5)).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (409, "run_overlap"));
    let id = first.rsplit('/').next().unwrap();
    assert!(refused.body["detail"].as_str().unwrap().contains(id), "{}", refused.body);
    let second = made(&ours, with("2", 6)).await;
    assert_eq!(ours.patch(&second, json!({"departure_at": later(&app, 5)})).await.code(), "run_overlap");
    assert_eq!(ours.post(&format!("{first}/cancel"), json!({})).await.body["state"], "cancelled");
    assert_eq!(ours.patch(&second, json!({"departure_at": later(&app, 5)})).await.status, 200);
    let taken = ours.post("/dispatch/runs", a_run(&app, "2", 6)).await;
    assert_eq!((taken.status.as_u16(), taken.code()), (409, "block_taken"));
    assert_eq!(ours.delete(&first).await.status, 204);
    assert_eq!(ours.get(&first).await.status, 404);
}

#[tokio::test]
async fn runs_are_listed_by_departure() {
    let app = started().await;
    let ours = app.ours();
    let vehicle = bus(&ours, "B-1").await;
    for (block, hours) in [("c", 9), ("a", 1), ("b", 5)] {
        made(&ours, a_run(&app, block, hours)).await;
    }
    let with = json!({"vehicle_id": vehicle});
    let page = ours.get("/dispatch/runs?limit=2").await;
    assert_eq!(blocks(&page.body), ["a", "b"]);
    let b = format!("/dispatch/runs/{}", page.body["items"][1]["id"].as_str().unwrap());
    ours.patch(&b, with).await;
    let cursor = page.body["next_cursor"].as_str().unwrap();
    let rest = ours.get(&format!("/dispatch/runs?limit=2&cursor={cursor}")).await;
    assert_eq!((blocks(&rest.body), &rest.body["next_cursor"]), (vec!["c"], &Value::Null));
    for (query, expected) in [
        (format!("depot_id={DEPOT}"), vec!["a", "b", "c"]),
        (format!("vehicle_id={vehicle}"), vec!["b"]),
        ("unassigned=true".to_owned(), vec!["a", "c"]),
        ("readiness=at_risk".to_owned(), vec!["b"]),
        ("state=departed".to_owned(), vec![]),
        ("block=c".to_owned(), vec!["c"]),
        (format!("from={}&to={}", later(&app, 2), later(&app, 8)), vec!["b"]),
        ("service_date=2020-01-01".to_owned(), vec![]),
    ] {
        assert_eq!(blocks(&ours.get(&format!("/dispatch/runs?{query}")).await.body), expected, "{query}");
    }
    for query in ["state=lost", "readiness=maybe", "colour=red", "service_date=today"] {
        assert_eq!(ours.get(&format!("/dispatch/runs?{query}")).await.status, 400, "{query}");
    }
    assert!(blocks(&app.theirs().get("/dispatch/runs").await.body).is_empty());
    let reader = app.caller(OURS, &[Permission::DispatchRead]);
    assert_eq!(reader.get(&b).await.status, 200);
    assert_eq!(reader.delete(&b).await.status, 403);
}

#[tokio::test]
async fn readiness_counts_the_coming_day() {
    let app = started().await;
    let ours = app.ours();
    let vehicle = bus(&ours, "B-1").await;
    made(&ours, a_run(&app, "nobody's", 3)).await;
    made(&ours, a_run(&app, "far", 30)).await;
    let mut with = a_run(&app, "mine", 1);
    with["vehicle_id"] = json!(vehicle);
    made(&ours, with).await;
    let found = ours.get(&format!("/dispatch/readiness?depot_id={DEPOT}")).await;
    assert_eq!(
        found.body["counts"],
        json!({"unassigned": 1, "on_track": 0, "at_risk": 1, "will_miss": 0, "ready": 0, "departed": 0, "missed": 0})
    );
    let runs = found.body["runs"].as_array().unwrap();
    assert_eq!(runs.iter().map(|run| &run["block"]).collect::<Vec<_>>(), ["mine", "nobody's"]);
    assert_eq!(runs[0]["readiness"]["assessed_at"], Value::Null);
    let far = format!("/dispatch/readiness?depot_id={DEPOT}&from={}", later(&app, 24));
    assert_eq!(ours.get(&far).await.body["runs"][0]["block"], "far");
    let backwards =
        format!("/dispatch/readiness?depot_id={DEPOT}&from={}&to={}", later(&app, 2), later(&app, 1));
    assert_eq!(ours.get(&backwards).await.fields(), [("/to", "out_of_order")]);
    assert_eq!(app.theirs().get(&format!("/dispatch/readiness?depot_id={DEPOT}")).await.status, 404);
    assert_eq!(ours.get("/dispatch/readiness").await.status, 400);
}

#[tokio::test]
async fn the_level_of_the_next_run_counts() {
    let app = started().await;
    let ours = app.ours();
    let vehicle = bus(&ours, "B-1").await;
    let mut run = a_run(&app, "17-03", 2);
    (run["vehicle_id"], run["priority_level"]) = (json!(vehicle), json!(2));
    let run = made(&ours, run).await;
    let id = run.rsplit('/').next().unwrap();
    let level =
        async || ours.get(&format!("/priority/effective?depot_id={DEPOT}")).await.body["items"][0].take();
    assert_eq!(
        level().await,
        json!({"vehicle_id": vehicle, "level": 2, "reason": "run", "rule_id": null, "override_id": null,
               "run_id": id, "detail": "17-03"})
    );
    let soon = json!({"name": "Soon", "level": 1, "conditions": {"minutes_to_departure_below": 180},
        "target": {"type": "block", "block": "17-03"}});
    ours.post("/priority/rules", soon).await;
    assert_eq!(level().await["reason"], "rule");
    ours.post(&format!("{run}/cancel"), json!({})).await;
    assert_eq!(level().await["reason"], "vehicle");
}
