//! Limits by slot.

use charging::outlook::{Grid, slot_limits};
use chrono::{TimeDelta, TimeZone as _, Utc};
use depot::{
    CircuitLimit, CircuitNode, ExternalLimit, ExternalLimits, LimitWindow, Margin, Precedence, Schedule,
    TimeZone, WeekBand, Weekdays,
};
use kernel::{IdSource, MilliAmps, Timestamp, Version, W};

use super::yard::{Yard, hours, morning};

fn berlin() -> TimeZone {
    "Europe/Berlin".parse().unwrap()
}

fn window(yard: &Yard, schedule: Schedule, limit: i64) -> LimitWindow {
    let grid = yard.grid();
    LimitWindow {
        id: yard.ids.uuid().into(),
        organisation: grid.organisation,
        depot: grid.depot,
        circuit: grid.id,
        version: Version::FIRST,
        name: None,
        precedence: Precedence::default(),
        schedule,
        limit: CircuitLimit::power(W(limit)),
        created_at: morning(),
        updated_at: morning(),
    }
}

fn weekly(from: &str, to: &str) -> Schedule {
    Schedule::Weekly(WeekBand::new(Weekdays::ALL, from.parse().unwrap(), to.parse().unwrap()).unwrap())
}

fn usable(node: &CircuitNode, now: Timestamp) -> Vec<i64> {
    let grid = Grid::new(now, berlin());
    let limits = slot_limits(node, berlin(), &grid);
    limits.iter().map(|limit| limit.usable.unwrap().get()).collect()
}

#[test]
fn a_plan_looks_a_day_ahead_and_to_noon_of_the_next() {
    let slots = |hour, minute| {
        let now = Utc.with_ymd_and_hms(2026, 3, 2, hour, minute, 30).single().unwrap();
        let grid = Grid::new(now, berlin());
        assert!(grid.starts_at <= now && now < grid.at(1) && grid.ends_at() - now >= hours(24));
        grid.slots
    };
    // At 09:00 in Berlin the next noon but one is 27 hours away; at 13:00, 23.
    assert_eq!(slots(8, 0), 27 * 4);
    assert_eq!(slots(12, 14), 24 * 4 + 1);
    // 23:45 UTC is a quarter to one of the next day in Berlin.
    assert_eq!(slots(23, 45), 35 * 4 + 1);
}

#[test]
fn a_slot_has_the_lowest_limit_of_its_minutes() {
    let mut yard = Yard::new();
    // 10:07 to 10:40 in Berlin is 09:07 to 09:40 UTC: slots 4 to 6 of a plan from 08:00 UTC.
    let lower = window(&yard, weekly("10:07", "10:40"), 30_000);
    yard.tree(|nodes| nodes[0].windows.push(lower));
    let node = &yard.sight.topology.circuits[0];
    let found = usable(node, morning());
    assert_eq!(found[3..8], [100_000, 30_000, 30_000, 30_000, 100_000]);
    // The slot that runs has only what is left of it.
    assert_eq!(usable(node, morning() + TimeDelta::minutes(102))[0], 100_000);
}

#[test]
fn an_external_limit_ends_with_its_list() {
    let mut yard = Yard::new();
    let now = morning();
    let limit =
        ExternalLimit { from: now + hours(1), to: now + hours(9), limit: CircuitLimit::power(W(20_000)) };
    let grid = yard.grid();
    let list = ExternalLimits {
        organisation: grid.organisation,
        depot: grid.depot,
        circuit: grid.id,
        source: "utility".into(),
        expires_at: now + TimeDelta::minutes(125),
        limits: vec![limit],
        received_at: now,
    };
    yard.tree(|nodes| nodes[0].externals.push(list));
    let found = usable(&yard.sight.topology.circuits[0], now);
    // It holds for five minutes of the ninth slot, so it counts there.
    assert_eq!(found[3..11], [100_000, 20_000, 20_000, 20_000, 20_000, 20_000, 100_000, 100_000]);
}

#[test]
fn margins_and_amps_count() {
    let mut yard = Yard::new();
    yard.tree(|nodes| {
        nodes[0].circuit.limit.current = Some(MilliAmps(100_000));
        nodes[0].circuit.safety_margin = Margin::from_percent(10.0).unwrap();
    });
    // 90 A at 230 V on three phases.
    assert_eq!(usable(&yard.sight.topology.circuits[0], morning())[0], 62_100);
}

#[test]
fn days_of_23_and_25_hours_keep_their_hours_on_the_wall() {
    let mut yard = Yard::new();
    let night = window(&yard, weekly("22:00", "06:00"), 50_000);
    yard.tree(|nodes| nodes[0].windows.push(night));
    let node = &yard.sight.topology.circuits[0];
    let low = |year, month, day| {
        let noon = Utc.with_ymd_and_hms(year, month, day, 11, 0, 0).single().unwrap();
        usable(node, noon).into_iter().filter(|limit| *limit == 50_000).count()
    };
    assert_eq!(low(2026, 3, 2), 8 * 4);
    // Clocks go forward in the night to 29 March, and back in that to 25 October.
    assert_eq!(low(2026, 3, 28), 7 * 4);
    assert_eq!(low(2026, 10, 24), 9 * 4);
}
