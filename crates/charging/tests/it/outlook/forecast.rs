//! What others will draw, and what the month's peak is.

use charging::outlook::{Grid, LoadProfile, LoadQuarter, load_forecast, month_begin, month_peak};
use chrono::{TimeDelta, TimeZone as _, Utc};
use depot::{LoadReading, LoadState};
use kernel::{CircuitId, Timestamp, W, Wh};

use super::yard::{Yard, hours, morning};

/// The same load at the same time of so many days before.
fn days(circuit: CircuitId, at: Timestamp, days: impl Iterator<Item = i64>, mean: i64) -> Vec<LoadQuarter> {
    days.map(|day| LoadQuarter { circuit, at: at - TimeDelta::days(day), mean: W(mean) }).collect()
}

fn measured(yard: &mut Yard, power: i64, seconds_ago: i64) {
    let latest = LoadReading { at: morning() - TimeDelta::seconds(seconds_ago), power: W(power) };
    let circuit = yard.grid().id;
    yard.sight.topology.loads.insert(circuit, LoadState { latest: Some(latest), peak: Some(latest) });
}

fn forecast(yard: &Yard, quarters: &[LoadQuarter]) -> Vec<i64> {
    let topology = &yard.sight.topology;
    let profile = LoadProfile::learn(quarters, topology.depot.time_zone);
    let grid = Grid::new(morning(), topology.depot.time_zone);
    load_forecast(topology, &topology.circuits[0], &profile, &grid).into_iter().map(W::get).collect()
}

#[test]
fn a_load_that_nobody_measures_is_as_configured() {
    let mut yard = Yard::new();
    yard.tree(|nodes| nodes[0].circuit.unmanaged_load = W(12_000));
    assert!(forecast(&yard, &[]).iter().all(|load| *load == 12_000));
}

#[test]
fn a_measured_load_fades_into_the_usual_one() {
    let mut yard = Yard::new();
    yard.tree(|nodes| nodes[0].circuit.unmanaged_load = W(12_000));
    measured(&mut yard, 40_000, 10);
    let circuit = yard.grid().id;
    // The last Mondays and Tuesdays at noon.
    let noon = morning() + hours(3);
    let usual = days(circuit, noon, [6, 7, 13].into_iter(), 20_000);
    let found = forecast(&yard, &usual);
    // Now as measured; in an hour half-way to what is configured, for nothing is known of that time.
    assert_eq!((found[0], found[4]), (40_000, 26_000));
    assert_eq!((found[11], found[12], found[13]), (12_000, 20_000, 12_000));
}

#[test]
fn a_silent_meter_counts_as_its_worst_for_the_next_hours_only() {
    let mut yard = Yard::new();
    measured(&mut yard, 40_000, 3_600);
    let found = forecast(&yard, &[]);
    assert_eq!((found[0], found[4], found[8]), (40_000, 20_000, 0));
}

#[test]
fn weekends_are_not_workdays_but_better_than_nothing() {
    let mut yard = Yard::new();
    measured(&mut yard, 0, 10);
    let circuit = yard.grid().id;
    let noon = morning() + hours(3);
    // Monday 2 March: one and two days before it is the weekend, three to seven are workdays.
    let mut seen = days(circuit, noon, 3..=7, 10_000);
    seen.extend(days(circuit, noon, [1, 2, 8, 9].into_iter(), 90_000));
    assert_eq!(forecast(&yard, &seen)[12], 10_000);
    let weekends = days(circuit, noon, [1, 2, 8, 9].into_iter(), 90_000);
    assert_eq!(forecast(&yard, &weekends)[12], 90_000);
    let once = days(circuit, noon, 3..=3, 10_000);
    assert_eq!(forecast(&yard, &once)[12], 0, "one day makes nothing usual");
}

#[test]
fn the_same_hour_on_the_wall_counts_across_a_clock_change() {
    let mut yard = Yard::new();
    let zone = yard.depot.time_zone;
    let circuit = yard.grid().id;
    // 05:00 in Berlin is 04:00 UTC in winter and 03:00 UTC in summer.
    let before = Utc.with_ymd_and_hms(2026, 3, 27, 4, 0, 0).single().unwrap();
    let profile = LoadProfile::learn(&days(circuit, before, 0..=1, 7_000), zone);
    let after = Utc.with_ymd_and_hms(2026, 3, 30, 3, 0, 0).single().unwrap();
    assert_eq!(profile.usual(circuit, zone, after), Some(W(7_000)));
    assert_eq!(profile.usual(circuit, zone, after + hours(1)), None);
    yard.tree(|_| {});
}

#[test]
fn the_peak_is_the_highest_quarter_of_this_month_with_what_others_drew() {
    let mut yard = Yard::new();
    let now = morning();
    yard.tree(|nodes| nodes[0].circuit.unmanaged_load = W(5_000));
    let circuit = yard.grid().id;
    let begin = month_begin(now, yard.depot.time_zone);
    // March begins at 23:00 UTC in Berlin.
    assert_eq!(begin, Utc.with_ymd_and_hms(2026, 2, 28, 23, 0, 0).single().unwrap());
    let charged = [
        (begin - TimeDelta::minutes(15), Wh(90_000)),
        (begin, Wh(10_000)),
        (now - hours(2), Wh(8_000)),
        // The quarter that runs is not over.
        (now, Wh(50_000)),
    ];
    let loads = [LoadQuarter { circuit, at: now - hours(2), mean: W(30_000) }];
    let peak = |charged, loads| month_peak(&yard.sight.topology, charged, loads, now);
    assert_eq!(peak(&charged, &[]), W(45_000));
    assert_eq!(peak(&charged, &loads), W(62_000));
    assert_eq!(peak(&[], &[]), W(0));
}
