//! Reports over HTTP: asked for, made, read, and compared with what the API says elsewhere.

use axum::{body::Body, http::Request};
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{Begin, Clock, Permission, Wh, testing::FakeClock};
use runtime::services::report_runner;
use serde_json::{Value, json};
use transaction::{QuarterStore, Quarters, Recorder, TransactionPlace, TransactionTx, testing};
use uuid::Uuid;

use crate::app::{As, OURS, Reply, TestApp};

/// A day before the clock's beginning until two hours after it.
fn span() -> (DateTime<Utc>, DateTime<Utc>) {
    let now = FakeClock::default().now();
    (now - TimeDelta::days(1), now + TimeDelta::hours(2))
}

async fn make(app: &TestApp, kind: &str, format: &str, depot: Option<&str>) -> Reply {
    make_over(app, kind, format, depot, span()).await
}

/// Has a report made, and makes it.
pub async fn make_over(
    app: &TestApp,
    kind: &str,
    format: &str,
    depot: Option<&str>,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> Reply {
    let ours = app.ours();
    let body = json!({"kind": kind, "format": format, "from": from, "to": to, "depot_id": depot});
    let asked = ours.post("/reports/runs", body).await;
    assert_eq!((asked.status.as_u16(), &asked.body["state"]), (202, &json!("queued")), "{}", asked.body);
    assert_eq!(asked.headers["location"], format!("/api/v1/reports/runs/{}", asked.id()));
    let runner = report_runner(&app.backends, &app.config).unwrap();
    assert!(runner.run_next().await.unwrap());
    runner.index_finished().await.unwrap();
    let run = ours.get(&format!("/reports/runs/{}", asked.id())).await;
    assert_eq!((&run.body["state"], &run.body["progress_percent"]), (&json!("finished"), &json!(100)));
    run
}

/// The file behind a link, without credentials.
pub async fn download(app: &TestApp, run: &Reply) -> Reply {
    let link = run.body["download_url"].as_str().unwrap();
    app.send(Request::builder().uri(link).body(Body::empty()).unwrap()).await
}

/// Rows of a CSV without quotes, each field with the name of its column.
pub type Rows = Vec<Vec<(String, String)>>;

pub fn rows(csv: &Reply) -> Rows {
    let mut lines = csv.body.as_str().unwrap().lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    lines
        .map(|line| {
            let fields: Vec<&str> = line.split(',').collect();
            assert_eq!(fields.len(), names.len(), "{line}");
            names.iter().zip(fields).map(|(name, field)| ((*name).to_owned(), field.to_owned())).collect()
        })
        .collect()
}

pub fn field<'a>(row: &'a [(String, String)], name: &str) -> &'a str {
    &row.iter().find(|(key, _)| key == name).unwrap().1
}

/// A column added up, in thousandths: exact.
fn sum(rows: &[Vec<(String, String)>], name: &str) -> i64 {
    rows.iter().map(|row| field(row, name).replace('.', "").parse::<i64>().unwrap_or(0)).sum()
}

/// Two depots with a charger each, and sessions at both; readings cover all of their energy.
async fn furnish(app: &TestApp) -> [String; 2] {
    let ours = app.ours();
    let mut depots = Vec::new();
    for (n, name) in [(0_i64, "North"), (1, "South")] {
        let zone = if n == 0 { "Europe/Berlin" } else { "Europe/Lisbon" };
        let depot = ours.post("/depots", json!({"code": name, "name": name, "timezone": zone})).await;
        let circuit = json!({"name": "Grid", "kind": "grid_connection", "limit_kw": 20});
        assert_eq!(ours.post(&format!("/depots/{}/circuits", depot.id()), circuit).await.status, 201);
        let charger = json!({"identity": format!("CP-{name}"), "depot_id": depot.id(), "max_power_kw": 22});
        let charger = ours.post("/charge-points", charger).await;
        let place = TransactionPlace {
            charge_point: charger.id().parse::<Uuid>().unwrap().into(),
            depot: depot.id().parse::<Uuid>().unwrap().into(),
            evse: None,
            evse_number: 1,
            connector: 1,
        };
        sessions(app, place, n).await;
        depots.push(depot.id().to_owned());
    }
    depots.try_into().unwrap()
}

async fn sessions(app: &TestApp, place: TransactionPlace, n: i64) {
    let recorder = Recorder::new(app.backends.clock.clone(), app.backends.ids.clone());
    let mut tx = Begin::<dyn TransactionTx>::begin(&*app.backends.sea).await.unwrap();
    // The second begins before midnight in Berlin, and the third after it.
    let begins = [-1_400, -560, -500, 10 + n];
    for (number, begin) in (1..).zip(begins) {
        // Each goes on where the meter stood.
        let register = Wh(100_000 + (number - 1) * 2 * (6_003 + n));
        let start = transaction::StartReport { meter_start: register, ..testing::start(place, begin) };
        let begun = recorder.start(&mut *tx, OURS, start).await.unwrap().transaction;
        for quarter in 0..3 {
            let report = testing::meter(begin + quarter * 15, register.get() + quarter * (6_003 + n));
            let number = Some(begun.number);
            recorder.readings(&mut *tx, OURS, place.charge_point, 1, number, vec![report]).await.unwrap();
        }
        let stop = testing::stop(begun.number, begin + 30, register.get() + 2 * (6_003 + n));
        recorder.stop(&mut *tx, OURS, place, stop).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// What the API says of the same sessions, in watt-hours.
async fn energy(ours: &As<'_>, query: &str) -> (usize, i64) {
    let listed = ours.get(&format!("/transactions?limit=500{query}")).await;
    let items = listed.body["items"].as_array().unwrap();
    let wh = |item: &Value| item["energy_wh"].as_i64().unwrap();
    (items.len(), items.iter().map(wh).sum())
}

#[tokio::test]
async fn every_total_is_what_the_transactions_say() {
    let app = TestApp::start().await;
    let [north, _] = furnish(&app).await;
    let quarters = Quarters::new(app.backends.sea.clone(), app.backends.clock.clone());
    app.backends.sea.summed_until_save(FakeClock::default().now() - TimeDelta::days(400)).await.unwrap();
    quarters.sum_up().await.unwrap();
    let ours = app.ours();
    let tariff = json!({"currency": "EUR", "base_price_per_kwh": "0.30"});
    let tariff = ours.put(&format!("/depots/{north}/electricity-tariff"), tariff).await;
    assert!(tariff.status.is_success(), "{}", tariff.body);
    for depot in [None, Some(north.as_str())] {
        let query = depot.map(|depot| format!("&depot_id={depot}")).unwrap_or_default();
        let (count, wh) = energy(&ours, &query).await;
        assert!(count == if depot.is_some() { 4 } else { 8 } && wh > 40_000, "{count} {wh}");
        for (kind, counted) in [
            ("charging_sessions", None),
            ("energy_and_cost", Some("sessions")),
            ("charger_utilisation", Some("sessions")),
            ("demand_against_limit", None),
        ] {
            let run = make(&app, kind, "csv", depot).await;
            let rows = rows(&download(&app, &run).await);
            assert_eq!(sum(&rows, "energy_kwh"), wh, "{kind} {depot:?}");
            if matches!(kind, "charging_sessions" | "energy_and_cost") {
                // 30 cents a kWh, in millionths; the other depot has no tariff.
                let (_, priced) = energy(&ours, &format!("&depot_id={north}")).await;
                assert_eq!(sum(&rows, "energy_cost"), priced * 300, "{kind} {depot:?}");
            }
            assert_eq!(run.body["file"]["rows"], rows.len());
            match counted {
                Some(column) => assert_eq!(sum(&rows, column), i64::try_from(count).unwrap(), "{kind}"),
                None if kind == "charging_sessions" => assert_eq!(rows.len(), count),
                None => {}
            }
        }
    }
    let days = rows(&download(&app, &make(&app, "energy_and_cost", "csv", Some(&north)).await).await);
    let of = |row: &Vec<(String, String)>| (field(row, "date").to_owned(), field(row, "sessions").to_owned());
    let days: Vec<_> = days.iter().map(of).collect();
    let day = |day: &str, sessions: &str| (day.to_owned(), sessions.to_owned());
    assert_eq!(days, [day("2026-03-01", "2"), day("2026-03-02", "2")], "by the clock of the depot");
    let demand = rows(&download(&app, &make(&app, "demand_against_limit", "csv", Some(&north)).await).await);
    assert!(demand.iter().all(|row| field(row, "limit_kw") == "20.000"));
    let over: Vec<_> = demand.iter().filter(|row| field(row, "demand_kw") == "24.012").collect();
    assert!(!over.is_empty() && over.iter().all(|row| field(row, "over_kw") == "4.012"), "{demand:?}");
}

#[tokio::test]
async fn a_file_is_read_by_its_link_alone_and_found_again() {
    let app = TestApp::start().await;
    let [north, south] = furnish(&app).await;
    let run = make(&app, "charging_sessions", "csv", Some(&north)).await;
    let file = download(&app, &run).await;
    assert_eq!(file.status, 200);
    assert_eq!(
        file.headers["content-disposition"],
        "attachment; filename=\"charging_sessions_2026-03-01_2026-03-02.csv\""
    );
    assert_eq!(run.body["file"]["bytes"], file.body.as_str().unwrap().len());
    let shown = |reply: &Reply| {
        let mut body = reply.body.clone();
        for changing in ["id", "download_url", "depot_id", "requested_at", "started_at", "ended_at"] {
            body[changing] = json!("…");
        }
        for changing in ["sha256", "expires_at"] {
            body["file"][changing] = json!("…");
        }
        body
    };
    insta::assert_json_snapshot!(shown(&run));

    let wrong = run.body["download_url"].as_str().unwrap().replace("files/", "files/A");
    let refused = app.send(Request::builder().uri(wrong).body(Body::empty()).unwrap()).await;
    assert_eq!(refused.status, 404);

    let ours = app.ours();
    make(&app, "energy_and_cost", "pdf", None).await;
    let found = async |query: &str| {
        let listed = ours.get(&format!("/reports?{query}")).await;
        listed.body["items"].as_array().unwrap_or_else(|| panic!("{}", listed.body)).len()
    };
    assert_eq!(found("").await, 2);
    assert_eq!(found("kind=energy_and_cost").await, 1);
    assert_eq!(found("kind=charger_utilisation").await, 0);
    assert_eq!(found(&format!("depot_id={north}")).await, 1);
    assert_eq!(found(&format!("depot_id={south}")).await, 0);
    assert_eq!(found("to=2026-01-01T00:00:00Z").await, 0);
    assert_eq!(app.theirs().get("/reports").await.body["items"], json!([]));
    assert_eq!(ours.get("/reports/runs?state=finished&limit=1").await.body["items"][0]["format"], "pdf");
    let kinds = ours.get("/reports/kinds").await;
    insta::assert_json_snapshot!(kinds.body);
}

#[tokio::test]
async fn what_cannot_be_made_is_refused() {
    let app = TestApp::start().await;
    let ours = app.ours();
    let ask = |change: &dyn Fn(&mut Value)| {
        let mut body = json!({"kind": "charging_sessions", "format": "csv",
            "from": "2026-03-01T00:00:00Z", "to": "2026-03-02T00:00:00Z"});
        change(&mut body);
        body
    };
    for (body, pointer, code) in [
        (ask(&|body| body["from"] = json!("2026-03-02T00:00:00Z")), "/from", "not_before_to"),
        (ask(&|body| body["from"] = json!("2025-01-01T00:00:00Z")), "/from", "range_too_long"),
        (
            ask(&|body| {
                body["from"] = json!("2126-01-01T00:00:00Z");
                body["to"] = json!("2126-01-02T00:00:00Z");
            }),
            "/from",
            "in_the_future",
        ),
        (ask(&|body| body["depot_id"] = json!(Uuid::from_u128(7))), "/depot_id", "unknown_depot"),
    ] {
        let refused = ours.post("/reports/runs", body).await;
        assert_eq!((refused.status.as_u16(), refused.fields()), (422, vec![(pointer, code)]));
    }
    let readers = app.caller(OURS, &[Permission::ReportRead]);
    assert_eq!(readers.post("/reports/runs", ask(&|_| ())).await.status, 403);
    for n in 0..50 {
        let asked = ours.post("/reports/runs", ask(&|_| ())).await;
        assert_eq!(asked.status, 202, "{n}");
    }
    let refused = ours.post("/reports/runs", ask(&|_| ())).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (409, "too_many_reports"));
    let first = ours.get("/reports/runs?limit=1").await.body["items"][0]["id"].as_str().unwrap().to_owned();
    let cancelled = ours.post(&format!("/reports/runs/{first}/cancel"), json!({})).await;
    assert_eq!((cancelled.status.as_u16(), &cancelled.body["state"]), (202, &json!("cancelled")));
    assert_eq!(ours.post("/reports/runs", ask(&|_| ())).await.status, 202, "there is room again");
    assert!(report_runner(&app.backends, &app.config).unwrap().run_next().await.unwrap());
    let made = ours.get("/reports/runs?state=finished").await.body["items"][0]["id"].clone();
    let refused = ours.post(&format!("/reports/runs/{}/cancel", made.as_str().unwrap()), json!({})).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (409, "report_run_ended"));
}

fn schedule() -> Value {
    json!({"name": "Weekly", "kind": "energy_and_cost", "format": "xlsx", "cron": "0  6 * * 1",
        "timezone": "Europe/Berlin", "period": "week"})
}

#[tokio::test]
async fn a_schedule_is_made_paused_changed_run_and_ended() {
    let app = TestApp::frozen().await;
    let admin = app.administrator("Stadtwerke", crate::access::EMAIL).await;
    let made = admin.post("/reports/schedules", schedule()).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let path = format!("/reports/schedules/{}", made.id());
    assert_eq!(made.headers["location"], format!("/api/v1{path}"));
    let mut shown = made.body.clone();
    shown["id"] = json!("…");
    shown["created_by"]["id"] = json!("…");
    insta::assert_json_snapshot!(shown);
    assert_eq!(admin.get(&path).await.body, made.body);
    assert_eq!(admin.get("/reports/schedules").await.body["items"], json!([made.body]));

    let paused = admin.patch(&path, json!({"paused": true})).await;
    assert_eq!((&paused.body["paused"], &paused.body["next_at"]), (&json!(true), &json!(null)));
    let stale =
        admin.ask(axum::http::Method::PATCH, &path, Some(json!({})), &[("if-match", made.etag())]).await;
    assert_eq!(stale.status, 412);
    let on = admin.patch(&path, json!({"paused": false, "cron": "30 7 * * 2"})).await;
    assert_eq!(on.body["next_at"], "2026-03-03T06:30:00Z");

    let run = admin.post(&format!("{path}/run"), json!({})).await;
    assert_eq!(run.status, 202, "{}", run.body);
    assert_eq!((&run.body["schedule_id"], &run.body["scheduled_at"]), (&made.body["id"], &json!(null)));
    // The week before this Monday, by the clock of Berlin.
    assert_eq!(run.body["from"], "2026-02-22T23:00:00Z");
    assert_eq!(run.body["to"], "2026-03-01T23:00:00Z");
    let runner = report_runner(&app.backends, &app.config).unwrap();
    assert!(runner.run_next().await.unwrap());
    runner.index_finished().await.unwrap();
    let found = admin.get(&format!("/reports?schedule_id={}", made.id())).await;
    assert_eq!(found.body["items"][0]["run_id"], run.body["id"]);

    assert_eq!(admin.delete(&path).await.status, 204);
    assert_eq!(admin.get(&path).await.status, 404);
    assert_eq!(admin.get(&format!("/reports/runs/{}", run.id())).await.status, 200, "its reports stay");
    let audited = admin.get("/admin/audit?limit=500").await.body.to_string();
    for what in ["report_schedule", "report_run"] {
        assert!(audited.contains(what), "{what}");
    }
}

#[tokio::test]
async fn a_schedule_that_cannot_be_kept_is_refused() {
    let app = TestApp::start().await;
    let ours = app.ours();
    for (field, value, pointer, code) in [
        ("cron", json!("0 6 * *"), "/cron", "invalid_value"),
        ("cron", json!("0 6 30 2 *"), "/cron", "invalid_value"),
        ("cron", json!("* * * * *"), "/cron", "too_often"),
        ("timezone", json!("Berlin"), "/timezone", "unknown_value"),
        ("name", json!(" "), "/name", "required"),
        ("depot_id", json!(Uuid::from_u128(7)), "/depot_id", "unknown_depot"),
    ] {
        let mut body = schedule();
        body[field] = value;
        let refused = ours.post("/reports/schedules", body).await;
        assert_eq!((refused.status.as_u16(), refused.fields()), (422, vec![(pointer, code)]), "{field}");
    }
    let readers = app.caller(OURS, &[Permission::ReportRead]);
    assert_eq!(readers.post("/reports/schedules", schedule()).await.status, 403);
}
