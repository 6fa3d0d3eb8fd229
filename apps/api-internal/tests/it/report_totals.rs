//! Reports on chargers and on runs, beside what the API says of each of them.

use charge_point::{ConnectorStatus, Fact};
use chrono::TimeDelta;
use dispatch::{DispatchTx, Readiness, ReadinessState, Run, RunState, testing};
use kernel::{Begin, Clock, Soc, Wh, testing::FakeClock};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    app::{OURS, TestApp},
    charge_points::{DEPOT, started},
    dispatch::bus,
    reports::{Rows, download, field, make_over, rows},
    uptime::{minutes, with_history},
};

/// A column as numbers.
fn column(rows: &Rows, name: &str) -> Vec<f64> {
    rows.iter().map(|row| field(row, name).parse().unwrap_or(f64::NAN)).collect()
}

#[tokio::test]
async fn uptime_is_what_each_charge_point_says() {
    let app = started().await;
    let ours = app.ours();
    let now = app.backends.clock.now();
    let status = |connector, status| Fact::Status { connector, status };
    let facts = [
        (110, Fact::Online(true)),
        (60, status(1, ConnectorStatus::Faulted)),
        (50, status(1, ConnectorStatus::Available)),
        (40, status(0, ConnectorStatus::Unavailable)),
        (35, Fact::Online(false)),
        (20, Fact::Online(true)),
        (19, status(0, ConnectorStatus::Available)),
    ];
    let path = with_history(&app, now, &facts).await;
    let work =
        json!({"depot_id": DEPOT, "from": minutes(now, 25), "to": minutes(now, 15), "reason": "works"});
    assert_eq!(ours.post("/maintenance-windows", work).await.status, 201);
    let (from, to) = (now - TimeDelta::minutes(100), now - TimeDelta::minutes(10));
    let run = make_over(&app, "uptime", "csv", Some(&DEPOT.to_string()), (from, to)).await;
    let rows = rows(&download(&app, &run).await);

    let query = format!("from={}&to={}", minutes(now, 100), minutes(now, 10));
    let told = ours.get(&format!("{path}/uptime?{query}")).await.body;
    let told = told["connectors"].as_array().unwrap();
    // The charger that was made just now was not there yet.
    assert_eq!((rows.len(), run.body["file"]["rows"].as_u64()), (told.len(), Some(told.len() as u64)));
    for (row, told) in rows.iter().zip(told) {
        assert_eq!(field(row, "charge_point"), "CP-0");
        assert_eq!(field(row, "connector"), told["connector_number"].to_string());
        let percent: f64 = field(row, "uptime_percent").parse().unwrap();
        assert!((percent - told["uptime_percent"].as_f64().unwrap()).abs() < 0.001, "{percent} {told}");
        for (hours, seconds) in [
            ("up_hours", "up_seconds"),
            ("down_hours", "down_seconds"),
            ("excluded_hours", "excluded_seconds"),
        ] {
            let hours: f64 = field(row, hours).parse().unwrap();
            assert!((hours * 3_600.0 - told[seconds].as_f64().unwrap()).abs() < 4.0, "{hours} {told}");
        }
        let periods = told["periods"].as_array().unwrap();
        let told: Vec<&Value> = periods.iter().filter(|period| period["state"] != "up").collect();
        assert_eq!(field(row, "periods").split("; ").count(), told.len());
        for (said, told) in field(row, "periods").split("; ").zip(told) {
            let (span, why) = said.split_once(' ').unwrap();
            let (from, to) = span.split_once('/').unwrap();
            for (said, told) in [(from, &told["from"]), (to, &told["to"])] {
                let at = |text: &str| text.parse::<chrono::DateTime<chrono::Utc>>().unwrap();
                assert_eq!(at(said), at(told.as_str().unwrap()));
            }
            assert_eq!(why, told["reason"].as_str().unwrap_or("excluded"));
        }
    }
    // Faulted for ten minutes; then unavailable and offline, which is one downtime.
    assert_eq!((field(&rows[0], "downtimes"), field(&rows[0], "longest_downtime_hours")), ("2", "0.250"));
    let [faulted, offline] = ["faulted_hours", "offline_hours"].map(|name| column(&rows, name)[0]);
    assert!((faulted - 0.166).abs() < 0.001 && (offline - 0.166).abs() < 0.001, "{faulted} {offline}");
}

/// A run that departed or should have, and what was last known of its vehicle.
fn run(app: &TestApp, hour: i64, vehicle: Option<Uuid>, reached: Option<f64>) -> Run {
    let run = testing::run(&*app.backends.ids, OURS, DEPOT.into(), &format!("B{hour}"), hour);
    let reached = reached.and_then(Soc::from_percent);
    let lacks = reached.map_or(0, |soc| (8_000 - i64::from(soc.hundredths())).max(0));
    let readiness = Readiness {
        state: if lacks > 0 { ReadinessState::Missed } else { ReadinessState::Ready },
        predicted_soc: reached,
        shortfall: Wh(350_000 * lacks / 10_000),
        ..Readiness::default()
    };
    Run { vehicle: vehicle.map(Into::into), required_soc: Soc::from_percent(80.0), readiness, ..run }
}

#[tokio::test]
async fn compliance_is_what_each_run_says() {
    let app = started().await;
    let ours = app.ours();
    let vehicle = Some(bus(&ours, "B-1").await.parse().unwrap());
    let departed = |run: Run, minutes| Run {
        state: RunState::Departed,
        departed_at: Some(run.departure_at + TimeDelta::minutes(minutes)),
        ..run
    };
    let runs = [
        departed(run(&app, -20, vehicle, Some(85.5)), 2),
        departed(run(&app, -16, vehicle, Some(90.0)), 12),
        run(&app, -12, vehicle, Some(70.0)),
        run(&app, -8, None, None),
        Run { state: RunState::Cancelled, ..run(&app, -6, vehicle, Some(85.0)) },
        departed(run(&app, -4, vehicle, None), 0),
    ];
    let mut tx = Begin::<dyn DispatchTx>::begin(&*app.backends.sea).await.unwrap();
    tx.roster().runs_put(&runs).await.unwrap();
    tx.commit().await.unwrap();
    let now = FakeClock::default().now();
    let span = (now - TimeDelta::days(1), now);
    let made = make_over(&app, "dispatch_compliance", "csv", Some(&DEPOT.to_string()), span).await;
    let rows = rows(&download(&app, &made).await);

    let at = |at: chrono::DateTime<chrono::Utc>| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let path = format!("/dispatch/runs?depot_id={DEPOT}&from={}&to={}", at(span.0), at(span.1));
    let told = ours.get(&path).await.body;
    let told: Vec<&Value> =
        told["items"].as_array().unwrap().iter().filter(|run| run["state"] != "cancelled").collect();
    assert_eq!((rows.len(), told.len()), (5, 5));
    for (row, told) in rows.iter().zip(&told) {
        assert_eq!(field(row, "block"), told["block"].as_str().unwrap());
        for (column, value) in [
            ("required_soc_percent", &told["required_soc_percent"]),
            ("reached_soc_percent", &told["readiness"]["predicted_soc_percent"]),
        ] {
            assert_eq!(field(row, column).parse().ok(), value.as_f64(), "{column} {told}");
        }
    }
    let shortfall: f64 = told.iter().filter_map(|run| run["readiness"]["shortfall_kwh"].as_f64()).sum();
    let reported: f64 = column(&rows, "shortfall_kwh").into_iter().filter(|kwh| !kwh.is_nan()).sum();
    assert!((shortfall - 35.0).abs() < 1e-9 && (reported - 35.0).abs() < 1e-9, "{shortfall} {reported}");
    let outcomes: Vec<_> = rows.iter().map(|row| field(row, "outcome")).collect();
    assert_eq!(outcomes, ["ready", "late", "missed", "unassigned", "unknown"]);
    let late: Vec<_> = rows.iter().map(|row| field(row, "late_minutes")).collect();
    assert_eq!(late, ["2.000", "12.000", "", "", "0.000"]);
}
