//! What is in them.

use report::{Cell, Chart, Foot, Format};
use serde_json::json;

use crate::{row, seen, written};

fn foot(rows: u64) -> Foot {
    let bars = (0..40).map(|n| report::Bar {
        label: format!("{n:02} Mar"),
        value: f64::from(n) * 10.0,
        limit: Some(200.0),
    });
    let chart = Chart { title: "Energy by day", unit: "kWh", bars: bars.collect() };
    Foot { rows, totals: vec![("Energy (kWh)".into(), Cell::Milli(3_003))], chart: Some(chart) }
}

#[tokio::test]
async fn csv_is_exact_and_harmless() {
    let rows = vec![row(0, "a,\"b\""), row(1, "=1+1"), row(2, "-x"), vec![Cell::Empty; 5]];
    let file = written(Format::Csv, vec![rows], foot(4)).await;
    let expected = "depot,date,started_at,sessions,energy_kwh\r\n\
        \"a,\"\"b\"\"\",2026-03-29,2026-03-29T00:00:00+01:00,0,0.000\r\n\
        '=1+1,2026-03-29,2026-03-29T01:00:00+01:00,1,1.001\r\n\
        '-x,2026-03-29,2026-03-29T03:00:00+02:00,2,2.002\r\n\
        ,,,,\r\n";
    assert_eq!(String::from_utf8(file).unwrap(), expected);
    let nothing = written(Format::Csv, Vec::new(), foot(0)).await;
    assert_eq!(String::from_utf8(nothing).unwrap(), "depot,date,started_at,sessions,energy_kwh\r\n");
}

#[tokio::test]
async fn a_spreadsheet_is_opened_by_others() {
    let rows: Vec<_> = (0..3).map(|number| row(number, "=1+1 Süd \u{1f50c}")).collect();
    let file = written(Format::Xlsx, vec![rows, vec![vec![Cell::Empty; 5]]], foot(4)).await;
    let Some(seen) = seen(Format::Xlsx, &file) else { return };
    assert_eq!(seen["Rows"][0], json!(["Depot", "Day", "Start", "Sessions", "Energy (kWh)"]));
    let third = json!(["=1+1 Süd \u{1f50c}", "2026-03-29 00:00:00", "2026-03-29 03:00:00", 2, 2.002]);
    assert_eq!(seen["Rows"][3], third);
    let summary = seen["Summary"].as_array().unwrap();
    assert_eq!(summary[0][0], "Charging sessions");
    assert!(summary.contains(&json!(["Rows", 4])) && summary.contains(&json!(["Energy (kWh)", 3.003])));
    assert!(summary.contains(&json!(["Time", "2026-03-29 00:00 to 2026-03-30 01:00 (Europe/Berlin)"])));
}

#[tokio::test]
async fn a_document_shows_sums_a_chart_and_the_first_rows() {
    let rows: Vec<_> = (0..500).map(|number| row(number, "Hof Süd")).collect();
    let file = written(Format::Pdf, vec![rows], foot(500)).await;
    let Some(seen) = seen(Format::Pdf, &file) else { return };
    let pages = seen.as_array().unwrap();
    assert_eq!(pages.len(), 1 + 200_usize.div_ceil(44), "{} pages", pages.len());
    let first = &pages[0];
    assert_eq!(first["size"], json!([842, 595]));
    let text = first["text"].as_str().unwrap();
    for said in ["Charging sessions", "Hof Süd", "Energy (kWh)", "3.00", "Energy by day", "lowest limit"] {
        assert!(text.contains(said), "{said}: {text}");
    }
    // Forty bars, half of them above the line, on a page of half a million dots.
    assert!(first["bar"].as_i64().unwrap() > 40_000, "{} dots of bars", first["bar"]);
    assert!(first["limit"].as_i64().unwrap() > 300, "{} dots of the limit", first["limit"]);
    assert!(pages[1]["text"].as_str().unwrap().contains("Sessions"));
    assert!(pages.last().unwrap()["text"].as_str().unwrap().contains("The first 200 of 500 rows."));
    let nothing = written(Format::Pdf, Vec::new(), Foot::default()).await;
    assert_eq!(crate::seen(Format::Pdf, &nothing).unwrap().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn many_sums_leave_room_for_the_chart() {
    let totals = (0..27).map(|n| (format!("Depot {n:02} (%)").into(), Cell::Milli(n * 1_001))).collect();
    let file = written(Format::Pdf, vec![vec![row(0, "A")]], Foot { totals, ..foot(1) }).await;
    let Some(seen) = seen(Format::Pdf, &file) else { return };
    let text = seen[0]["text"].as_str().unwrap();
    for said in ["Depot 00 (%)", "Depot 09 (%)", "Depot 26 (%)", "26.03", "Energy by day", "lowest limit"] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(seen[0]["bar"].as_i64().unwrap() > 20_000, "{} dots of bars", seen[0]["bar"]);
}
