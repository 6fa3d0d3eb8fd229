//! Files of runs: what is tolerated, what is refused and how it is told, and that it is all or nothing.

use dispatch::{
    ChangeRun, CreateRun, Duty, Format, ImportReport, Readiness, RowError,
    testing::{Yard, hours},
};
use futures::executor::block_on;
use kernel::{Change, Soc, Wh};
use proptest::prelude::*;
use vehicle::{Vehicle, testing::bus};

use crate::{Fixture, a_run, fixture};

fn import(f: &Fixture, format: Format, text: &str) -> ImportReport {
    block_on(f.dispatch.runs_import(&f.scope, format, text.as_bytes(), false)).unwrap()
}

fn csv(f: &Fixture, text: &str) -> ImportReport {
    import(f, Format::Csv, text)
}

fn errors(report: &ImportReport) -> Vec<(usize, &str, &str)> {
    let shown = |error: &'_ RowError| (error.row, error.code);
    report
        .errors
        .iter()
        .map(|error| (shown(error).0, error.column.as_deref().unwrap_or_default(), shown(error).1))
        .collect()
}

const HEADER: &str = "depot,service_date,block,departure_at,arrival_at,vehicle\n";

#[test]
fn a_spreadsheets_export_is_taken_as_it_is() {
    let f = fixture();
    let text = "\u{feff}Depot;Block;departure_at;arrival_at;energy_required_kwh;minimum_soc_percent;vehicle;vehicle_class;priority_level;service_date;distance_km;required_soc_percent\r\n\
        A; 17-03 ;2026-03-03 05:00;2026-03-03T08:30;120,5;10;1;;2;;;\r\n\
        A;\"17;04\";2026-03-03T09:00:00Z;2026-03-03T12:00:00+01:00;;;;;;2026-03-03;80.25;90\r\n\
        ;;;;;;;;;;;\r\n\
        A;night;22:30;04:15;;;;;;2026-03-03;;\r\n";
    let report = csv(&f, text);
    assert_eq!((errors(&report), report.rows, report.created), (vec![], 3, 3));
    let runs = f.store.all_runs();
    assert_eq!(runs[0].block, "17-03");
    assert_eq!(
        (runs[0].departure_at, runs[0].arrival_at),
        (hours(20), hours(20) + chrono::TimeDelta::minutes(210))
    );
    assert_eq!(
        (runs[0].energy_required, runs[0].minimum_soc),
        (Some(Wh(120_500)), Soc::from_percent(10.0).unwrap())
    );
    assert_eq!((runs[0].vehicle, runs[0].readiness.clone()), (Some(f.vehicle.id), Readiness::unjudged(true)));
    assert_eq!((runs[1].block.as_str(), runs[1].distance_m), ("17;04", Some(80_250)));
    assert_eq!((runs[1].departure_at, runs[1].arrival_at), (hours(25), hours(27)));
    // 22:30 to 04:15 the next day, in Berlin.
    assert_eq!((runs[2].arrival_at - runs[2].departure_at).num_minutes(), 345);
    assert_eq!(runs[2].service_date.to_string(), "2026-03-03");
    assert_eq!(f.store.audit().len(), 3);
}

#[test]
fn json_says_the_same() {
    let f = fixture();
    let text = format!(
        r#"[{{"depot": "{}", "block": "1", "departure_at": "2026-03-03T05:00", "arrival_at": "2026-03-03T08:00",
             "vehicle": "{}", "distance_km": 12.5, "priority_level": 3, "vehicle_class": null}}]"#,
        f.depot.id, f.vehicle.id
    );
    let report = import(&f, Format::Json, &text);
    assert_eq!((errors(&report), report.created), (vec![], 1));
    let run = &f.store.all_runs()[0];
    assert_eq!(
        (run.distance_m, run.vehicle, run.departure_at),
        (Some(12_500), Some(f.vehicle.id), hours(20))
    );
    assert_eq!(import(&f, Format::Json, "[]"), ImportReport::default());
}

#[test]
fn a_second_import_changes_and_leaves_what_it_does_not_tell() {
    let f = fixture();
    let second = bus(&*f.ids, f.scope.organisation(), "2");
    block_on(f.store.add_vehicle(&second));
    let text = format!("{HEADER}A,2026-03-03,1,05:00,07:00,1\nA,2026-03-03,2,05:00,07:00,2\n");
    assert_eq!(csv(&f, &text).created, 2);
    let again = csv(&f, &text);
    assert_eq!((again.created, again.updated, again.unchanged), (0, 0, 2));
    let later = "depot,service_date,block,departure_at,arrival_at\nA,2026-03-03,1,05:30,07:00\nA,2026-03-03,3,08:00,09:00\n";
    let report = csv(&f, later);
    assert_eq!((report.created, report.updated, report.unchanged), (1, 1, 0));
    let run = f.store.all_runs().into_iter().find(|run| run.block == "1").unwrap();
    assert_eq!(
        (run.vehicle, run.version.0),
        (Some(f.vehicle.id), 2),
        "the file has no column for the vehicle"
    );
    // Vehicles change places in one go; an empty field takes one off.
    let swapped = format!("{HEADER}A,2026-03-03,1,05:30,07:00,2\nA,2026-03-03,2,05:00,07:00,1\n");
    assert_eq!((csv(&f, &swapped).updated, f.store.all_runs()[0].vehicle), (2, Some(f.vehicle.id)));
    let off = format!("{HEADER}A,2026-03-03,2,05:00,07:00,\n");
    assert_eq!((csv(&f, &off).updated, f.store.all_runs()[0].vehicle), (1, None));
}

#[test]
fn one_wrong_row_keeps_all_out() {
    let f = fixture();
    let text = "depot,service_date,block,departure_at,arrival_at,vehicle,minimum_soc_percent,priority_level,energy_required_kwh\n\
        A,2026-03-03,ok,05:00,07:00,1,,,\n\
        B,2026-03-03,,5 am,07:00,none,101,10,many\n\
        A,2026-03-03,ok,09:00,10:00,,,,\n\
        A,2026-03-03,short,09:00\n\
        A,2026-03-03,backwards,2026-03-03T09:00,2026-03-03T08:00,,,,\n\
        A,2026-03-03,too much,10:00,11:00,1,,,400\n\
        A,2026-03-03,lost,10:00,11:00,nobody,,,\n\
        A,,undated,10:00,11:00,,,,\n";
    let report = csv(&f, text);
    assert_eq!(
        errors(&report),
        [
            (2, "block", "required"),
            (2, "departure_at", "malformed"),
            (2, "depot", "unknown_depot"),
            (2, "energy_required_kwh", "malformed"),
            (2, "minimum_soc_percent", "malformed"),
            (2, "priority_level", "malformed"),
            (3, "block", "duplicate_row"),
            (4, "", "wrong_number_of_fields"),
            (5, "arrival_at", "out_of_order"),
            (6, "energy_required_kwh", "beyond_battery"),
            (7, "vehicle", "unknown_vehicle"),
            (8, "arrival_at", "malformed"),
            (8, "departure_at", "malformed"),
        ]
    );
    assert_eq!((report.rows, report.created, report.updated), (8, 0, 0));
    assert!(f.store.all_runs().is_empty() && f.store.event_names().is_empty());
}

#[test]
fn overlaps_are_errors_of_rows() {
    let f = fixture();
    let stored = block_on(f.dispatch.run_create(&f.scope, a_run(&f, "stored", 20))).unwrap();
    let text = format!(
        "{HEADER}A,2026-03-03,1,06:00,08:00,1\nA,2026-03-03,2,09:00,12:00,1\nA,2026-03-03,3,11:00,13:00,1\nA,2026-03-03,4,13:00,14:00,1\n"
    );
    let report = csv(&f, &text);
    assert_eq!(errors(&report), [(1, "vehicle", "run_overlap"), (3, "vehicle", "run_overlap")]);
    assert!(report.errors[0].detail.contains(&stored.id.to_string()), "{:?}", report.errors[0]);
    assert!(report.errors[1].detail.contains("row 2"), "{:?}", report.errors[1]);
    // The stored run goes elsewhere in the same file.
    let text = format!("{HEADER}A,2026-03-03,1,06:00,08:00,1\nA,2026-03-03,stored,10:00,12:00,1\n");
    let report = csv(&f, &text);
    assert_eq!((errors(&report), report.created, report.updated), (vec![], 1, 1));
}

#[test]
fn what_has_departed_or_was_cancelled_is_not_imported_again() {
    let f = fixture();
    let gone = block_on(f.dispatch.run_create(&f.scope, a_run(&f, "gone", 0))).unwrap();
    block_on(f.dispatch.run_depart(&f.scope, gone.id, None)).unwrap();
    let off = CreateRun { duty: Duty::default(), ..a_run(&f, "off", 0) };
    let off = block_on(f.dispatch.run_create(&f.scope, off)).unwrap();
    block_on(f.dispatch.run_cancel(&f.scope, off.id)).unwrap();
    let text = format!("{HEADER}A,2026-03-02,gone,09:00,11:30,1\nA,2026-03-02,off,09:00,11:00,\n");
    assert_eq!(errors(&csv(&f, &text)), [(1, "block", "run_departed"), (2, "block", "run_cancelled")]);
}

#[test]
fn a_dry_run_stores_nothing() {
    let f = fixture();
    let text = format!("{HEADER}A,2026-03-03,1,05:00,07:00,1\n");
    let dry = block_on(f.dispatch.runs_import(&f.scope, Format::Csv, text.as_bytes(), true)).unwrap();
    assert_eq!((dry.rows, dry.created, f.store.all_runs().len()), (1, 1, 0));
    assert_eq!(csv(&f, &text), dry);
}

#[test]
fn a_run_of_a_series_that_a_file_changes_is_changed_by_hand() {
    let f = fixture();
    let run = block_on(f.dispatch.run_create(&f.scope, a_run(&f, "1", 20))).unwrap();
    let mut of_series = ChangeRun::default();
    of_series.duty.vehicle = Change::Clear;
    block_on(f.dispatch.run_change(&f.scope, run.id, None, of_series)).unwrap();
    let text = format!("{HEADER}A,{},1,05:10,07:00,\n", run.service_date);
    assert_eq!(csv(&f, &text).updated, 1);
    assert!(f.store.all_runs()[0].by_hand);
}

#[test]
fn files_that_are_none_say_so() {
    let f = fixture();
    for (format, text, expected) in [
        (
            Format::Csv,
            "",
            vec![
                (0, "depot", "required"),
                (0, "block", "required"),
                (0, "departure_at", "required"),
                (0, "arrival_at", "required"),
            ],
        ),
        (
            Format::Csv,
            "depot,block,departure_at,arrival_at,colour,block\n",
            vec![(0, "block", "duplicate_column"), (0, "colour", "unknown_column")],
        ),
        (Format::Json, "{}", vec![(0, "", "malformed")]),
        (
            Format::Json,
            "[1, {\"colour\": 1}]",
            vec![
                (1, "", "wrong_type"),
                (2, "arrival_at", "required"),
                (2, "block", "required"),
                (2, "colour", "unknown_field"),
                (2, "departure_at", "required"),
                (2, "depot", "required"),
            ],
        ),
    ] {
        let report = import(&f, format, text);
        let mut expected = expected;
        expected.sort_unstable();
        let mut found = errors(&report);
        found.sort_unstable();
        assert_eq!(found, expected, "{text}");
    }
    let bytes = b"depot,block\n\xff";
    let report = block_on(f.dispatch.runs_import(&f.scope, Format::Csv, bytes, false)).unwrap();
    assert_eq!(errors(&report), [(0, "", "not_utf8")]);
    let nul = format!("{HEADER}A,2026-03-03,1,05:00,07:00,a\u{0}b\n");
    assert_eq!(errors(&csv(&f, &nul))[0], (1, "vehicle", "control_character"));
}

#[test]
fn ten_thousand_rows_are_the_most() {
    let f = fixture();
    let rows = |count: usize| -> String {
        (0..count).fold(HEADER.to_owned(), |text, row| text + &format!("A,2026-03-03,{row},05:00,07:00,\n"))
    };
    let report = csv(&f, &rows(10_001));
    assert_eq!(errors(&report), [(0, "", "too_many_rows")]);
    let faulty: String =
        (0..1_500).fold(HEADER.to_owned(), |text, row| text + &format!("A,2026-03-03,{row},x,07:00,\n"));
    let report = csv(&f, &faulty);
    assert_eq!((report.errors.len(), report.omitted_errors), (1_000, 500));
}

fn vehicle_of(f: &Fixture, fleet_number: &str) -> Vehicle {
    let vehicle = bus(&*f.ids, f.scope.organisation(), fleet_number);
    block_on(f.store.add_vehicle(&vehicle));
    vehicle
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_is_imported_or_refused(text in "\\PC{0,200}", json in any::<bool>()) {
        let f = fixture();
        let report = import(&f, if json { Format::Json } else { Format::Csv }, &text);
        prop_assert!(report.errors.is_empty() || f.store.all_runs().is_empty());
    }

    #[test]
    fn whatever_is_imported_overlaps_nothing(
        rows in proptest::collection::vec((0_u32..20, 1_u32..5, 1_u8..3), 0..8), stored in 0_i64..20,
    ) {
        let f = fixture();
        vehicle_of(&f, "2");
        block_on(f.dispatch.run_create(&f.scope, a_run(&f, "stored", stored + 15))).unwrap();
        let text = rows.iter().enumerate().fold(HEADER.to_owned(), |text, (row, (hour, length, vehicle))| {
            text + &format!("A,2026-03-03,{row},{hour:02}:00,{:02}:00,{vehicle}\n", hour + length)
        });
        let report = csv(&f, &text);
        let runs = f.store.all_runs();
        for (index, run) in runs.iter().enumerate() {
            for other in &runs[..index] {
                prop_assert!(run.vehicle != other.vehicle || !run.overlaps(other));
            }
        }
        let all_or_nothing = if report.errors.is_empty() { rows.len() + 1 } else { 1 };
        prop_assert_eq!(runs.len(), all_or_nothing);
    }
}
