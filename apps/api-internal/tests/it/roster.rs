//! Dispatch over HTTP: series, files of runs, proposals.

use axum::http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    app::{As, TestApp},
    charge_points::{DEPOT, started},
    dispatch::{a_run, blocks, bus, later},
};

fn daily(vehicle: &str) -> Value {
    json!({
        "depot_id": DEPOT, "block": "17", "weekdays": ["monday", "tuesday", "wednesday", "thursday", "friday",
        "saturday", "sunday"], "departure_time": "05:00", "arrival_time": "02:30", "from": "2020-01-01",
        "except": ["2020-05-01"], "minimum_soc_percent": 10, "energy_required_kwh": 120, "vehicle_id": vehicle
    })
}

async fn runs(ours: &As<'_>) -> Value {
    ours.get("/dispatch/runs?limit=500").await.body
}

#[tokio::test]
async fn a_series_makes_its_runs_ahead() {
    let app = started().await;
    let ours = app.ours();
    let vehicle = bus(&ours, "B-1").await;
    let created = ours.post("/dispatch/series", daily(&vehicle)).await;
    assert_eq!(created.status, 201, "{}", created.body);
    insta::assert_json_snapshot!(created.body, {
        ".id" => "(id)", ".vehicle_id" => "(id)", ".created_at" => "(time)", ".updated_at" => "(time)",
    });
    assert_eq!(created.headers["location"], format!("/api/v1/dispatch/series/{}", created.id()));
    let path = format!("/dispatch/series/{}", created.id());
    let made = runs(&ours).await;
    // Today's may have left.
    assert!((15..=16).contains(&blocks(&made).len()), "{made}");
    let first = &made["items"][0];
    assert_eq!((&first["series_id"], &first["by_hand"]), (&json!(created.id()), &json!(false)));
    let first = format!("/dispatch/runs/{}", first["id"].as_str().unwrap());
    assert_eq!(ours.delete(&first).await.status, 204);
    let kept = ours.get(&path).await;
    assert_eq!(
        kept.body["except"].as_array().unwrap().len(),
        1,
        "old days are forgotten: {}",
        kept.body["except"]
    );

    let stale =
        ours.ask(Method::PATCH, &path, Some(json!({"block": "18"})), &[("if-match", created.etag())]).await;
    assert_eq!(stale.status, 412);
    let changed = ours.patch(&path, json!({"block": "18", "duration_minutes": 90})).await;
    assert_eq!(
        (&changed.body["arrival_time"], &changed.body["duration_minutes"]),
        (&Value::Null, &json!(90))
    );
    assert!(blocks(&runs(&ours).await).iter().all(|block| *block == "18"));
    assert_eq!(blocks(&runs(&ours).await).len() + 1, blocks(&made).len());
    let listed = ours.get(&format!("/dispatch/series?depot_id={DEPOT}&vehicle_id={vehicle}")).await;
    assert_eq!(listed.body["items"], json!([changed.body]));
    assert_eq!(app.theirs().get(&path).await.status, 404);
    assert_eq!(ours.delete(&path).await.status, 204);
    assert!(blocks(&runs(&ours).await).is_empty());
}

#[tokio::test]
async fn a_series_says_when() {
    let app = started().await;
    let ours = app.ours();
    let vehicle = bus(&ours, "B-1").await;
    let with = |change: fn(&mut Value)| {
        let mut series = daily(&vehicle);
        change(&mut series);
        ours.post("/dispatch/series", series)
    };
    let both = with(|series| series["duration_minutes"] = json!(60)).await;
    assert_eq!(both.fields(), [("/duration_minutes", "unexpected")]);
    let neither = with(|series| series["arrival_time"] = Value::Null).await;
    assert_eq!(neither.fields(), [("/arrival_time", "required")]);
    let absurd =
        with(|series| (series["departure_time"], series["weekdays"]) = (json!("5 am"), json!([]))).await;
    assert_eq!(absurd.fields(), [("/departure_time", "malformed")]);
    let never = with(|series| series["weekdays"] = json!([])).await;
    assert_eq!((never.status.as_u16(), never.fields()), (422, vec![("/weekdays", "required")]));
    assert_eq!(with(|series| series["weekdays"] = json!(["someday"])).await.status, 422);
    let stranger = app.theirs().post("/dispatch/series", daily(&vehicle)).await;
    assert_eq!(stranger.fields(), [("/depot_id", "unknown_depot")]);
}

const HEADER: &str = "depot;service_date;block;departure_at;arrival_at;vehicle;distance_km\r\n";

#[tokio::test]
async fn a_file_is_taken_whole_or_not_at_all() {
    let app = started().await;
    let ours = app.ours();
    bus(&ours, "B-1").await;
    let wrong = format!(
        "{HEADER}A;2031-05-05;1;05:00;07:00;B-1;12,5\r\nA;2031-05-05;2;06:00;08:00;B-1;\r\nX;;;;;;\r\n"
    );
    let refused = ours.upload("/dispatch/imports", "text/csv; charset=utf-8", &wrong).await;
    assert_eq!(refused.status, 422);
    assert_eq!(refused.headers["content-type"], "application/problem+json");
    insta::assert_json_snapshot!(refused.body, { ".request_id" => "(id)" });
    assert!(blocks(&runs(&ours).await).is_empty());

    let right =
        format!("\u{feff}{HEADER}A;2031-05-05;1;05:00;07:00;B-1;12,5\r\nA;2031-05-05;2;07:00;08:00;B-1;\r\n");
    let dry = ours.upload("/dispatch/imports?dry_run=true", "text/csv", &right).await;
    assert_eq!((dry.status.as_u16(), &dry.body["created"]), (200, &json!(2)));
    assert!(blocks(&runs(&ours).await).is_empty());
    let taken = ours.upload("/dispatch/imports", "text/csv", &right).await;
    assert_eq!(
        (taken.status.as_u16(), &taken.body),
        (
            201,
            &json!({"rows": 2, "created": 2, "updated": 0, "unchanged": 0, "errors": [], "omitted_errors": 0})
        )
    );
    let stored = runs(&ours).await;
    assert_eq!((blocks(&stored), &stored["items"][0]["distance_km"]), (vec!["1", "2"], &json!(12.5)));
    // Summer in Berlin.
    assert_eq!(stored["items"][0]["departure_at"], "2031-05-05T03:00:00Z");
    let again = ours.upload("/dispatch/imports", "text/csv", &right).await;
    assert_eq!((again.status.as_u16(), &again.body["unchanged"]), (200, &json!(2)));
}

#[tokio::test]
async fn files_may_be_json_and_are_nothing_else() {
    let app = started().await;
    let ours = app.ours();
    let row = json!({"depot": DEPOT, "block": "1", "departure_at": "2031-05-05T05:00:00Z",
        "arrival_at": "2031-05-05T07:00:00Z", "priority_level": 2});
    assert_eq!(ours.post("/dispatch/imports", json!([row])).await.status, 201);
    let misspelt = ours.post("/dispatch/imports", json!([{"depot": DEPOT, "blok": "1"}])).await;
    let pointers: Vec<_> = misspelt.fields();
    assert!(pointers.contains(&("/0/blok", "unknown_field")), "{pointers:?}");
    for media_type in ["text/plain", "application/xml"] {
        let refused = ours.upload("/dispatch/imports", media_type, HEADER).await;
        assert_eq!((refused.status.as_u16(), refused.code()), (415, "unsupported_media_type"));
    }
    assert_eq!(ours.upload("/dispatch/imports?dryrun=1", "text/csv", HEADER).await.status, 400);
    let stranger = app.theirs().post("/dispatch/imports", json!([row])).await;
    assert_eq!(stranger.fields(), [("/0/depot", "unknown_depot")]);
    // Larger than other bodies may be, and still read.
    let large = format!("{HEADER}{}", "A;2031-05-05;b;x;y;;\r\n".repeat(70_000));
    assert!(large.len() > 1024 * 1024);
    let refused = ours.upload("/dispatch/imports", "text/csv", &large).await;
    assert_eq!(refused.status, 422);
    assert!(refused.fields().contains(&("", "too_many_rows")));
    let endless = "x".repeat(8 * 1024 * 1024 + 1);
    assert_eq!(ours.upload("/dispatch/imports", "text/csv", &endless).await.status, 413);
}

async fn planned(app: &TestApp, ours: &As<'_>, block: &str, hours: i64) -> String {
    let made = ours.post("/dispatch/runs", a_run(app, block, hours)).await;
    made.id().to_owned()
}

#[tokio::test]
async fn suggestions_are_only_suggested() {
    let app = started().await;
    let ours = app.ours();
    let vehicle = bus(&ours, "B-1").await;
    ours.post(&format!("/vehicles/{vehicle}/soc"), json!({"percent": 95, "source": "manual"})).await;
    let (first, second) = (planned(&app, &ours, "1", 3).await, planned(&app, &ours, "2", 3).await);
    let third = planned(&app, &ours, "3", 9).await;
    let mut question = json!({"depot_id": DEPOT, "from": later(&app, 0), "to": later(&app, 24)});
    let found = ours.post("/dispatch/assignment-suggestions", question.clone()).await;
    assert_eq!(found.status, 200, "{}", found.body);
    let given: Vec<_> =
        found.body["suggestions"].as_array().unwrap().iter().map(|given| &given["run_id"]).collect();
    assert!(
        given == [&json!(first), &json!(third)] || given == [&json!(second), &json!(third)],
        "{}",
        found.body
    );
    assert_eq!(found.body["suggestions"][0]["charge_kwh"], json!(0.0));
    assert_eq!(found.body["unassigned"][0]["reason"], "taken");
    assert_eq!(ours.get("/dispatch/runs?unassigned=false").await.body["items"], json!([]));

    question["vehicle_ids"] = json!([Uuid::from_u128(3)]);
    let unknown = ours.post("/dispatch/assignment-suggestions", question.clone()).await;
    assert_eq!(unknown.fields(), [("/vehicle_ids/0", "unknown_vehicle")]);
    question["vehicle_ids"] = json!([]);
    let nobody = ours.post("/dispatch/assignment-suggestions", question.clone()).await;
    assert_eq!(nobody.body["unassigned"][0]["reason"], "no_vehicle");
    question["to"] = question["from"].clone();
    assert_eq!(
        ours.post("/dispatch/assignment-suggestions", question).await.fields(),
        [("/to", "out_of_order")]
    );
}
