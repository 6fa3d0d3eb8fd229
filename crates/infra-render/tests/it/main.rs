//! Files of every format, opened by programs that share no code with us.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod files;

use std::process::Command;

use chrono::{TimeDelta, TimeZone, Utc};
use chrono_tz::Europe::Berlin;
use futures::TryStreamExt;
use infra_render::Renderers;
use report::{Cell, Column, ColumnKind, Foot, Format, Head, Renderer};
use serde_json::Value;

const COLUMNS: &[Column] = &[
    Column { key: "depot", title: "Depot", kind: ColumnKind::Text },
    Column { key: "date", title: "Day", kind: ColumnKind::Date },
    Column { key: "started_at", title: "Start", kind: ColumnKind::Instant },
    Column { key: "sessions", title: "Sessions", kind: ColumnKind::Number },
    Column { key: "energy_kwh", title: "Energy (kWh)", kind: ColumnKind::Number },
];

pub(crate) fn head() -> Head {
    let from = Utc.with_ymd_and_hms(2026, 3, 28, 23, 0, 0).unwrap();
    Head {
        title: "Charging sessions",
        place: "Hof Süd".to_owned(),
        from,
        to: from + TimeDelta::days(1),
        zone: Berlin,
        columns: COLUMNS,
        made_at: from,
    }
}

/// A row an hour: the clock goes forward between the second and the third.
pub(crate) fn row(number: i64, depot: &str) -> Vec<Cell> {
    let at = head().from + TimeDelta::hours(number);
    vec![
        Cell::text(depot),
        Cell::Date(at.with_timezone(&Berlin).date_naive()),
        Cell::Instant(at),
        Cell::Integer(number),
        Cell::Milli(number * 1_001),
    ]
}

/// The whole file.
pub(crate) async fn written(format: Format, batches: Vec<Vec<Vec<Cell>>>, foot: Foot) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let mut rendering = Renderers::new(folder.path()).begin(format, head()).unwrap();
    let mut file = Vec::new();
    for rows in batches {
        file.extend_from_slice(&rendering.rows(rows).await.unwrap());
    }
    let rest: Vec<_> = rendering.end(foot).await.unwrap().try_collect().await.unwrap();
    file.extend(rest.concat());
    file
}

/// What another program finds in a file; `None` where it is not at hand and not required.
pub(crate) fn seen(format: Format, file: &[u8]) -> Option<Value> {
    let Ok(python) = std::env::var("MANAGE_TEST_PYTHON") else {
        assert!(std::env::var_os("MANAGE_TEST_REQUIRE_SERVICES").is_none(), "MANAGE_TEST_PYTHON must be set");
        eprintln!("skipped: MANAGE_TEST_PYTHON is not set (`cargo xtask test` sets it)");
        return None;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report");
    let path = path.with_extension(format.word());
    std::fs::write(&path, file).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/look.py");
    let output = Command::new(python).args([script, format.word()]).arg(&path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}
