//! Limits and loads that change by themselves.

use chrono::TimeDelta;
use depot::{CircuitLimit, LimitWindow, LoadReading, LoadState, Precedence, Schedule};
use kernel::{Clock, IdSource, Version, W};

use super::yard::{Kind, Yard, at};

fn charging() -> Yard {
    let mut yard = Yard::new(&[(None, 100)], &[Kind::dc(0, 100)]);
    yard.plug_in(0, W(100_000));
    yard.settle();
    assert_eq!(yard.told(0), W(100_000));
    yard
}

#[test]
fn a_window_holds_from_its_instant_on_without_an_event() {
    let mut yard = charging();
    let (from, to) = (at(20), at(40));
    let (home, now) = (yard.depot.topology.depot.clone(), yard.clock.now());
    let id = yard.ids.uuid().into();
    yard.circuit(0, |node| {
        node.windows.push(LimitWindow {
            id,
            organisation: home.organisation,
            depot: home.id,
            circuit: node.circuit.id,
            version: Version::FIRST,
            name: None,
            precedence: Precedence::default(),
            schedule: Schedule::Once { from, to },
            limit: CircuitLimit::power(W(30_000)),
            created_at: now,
            updated_at: now,
        });
    });
    let until = |yard: &mut Yard, minutes| yard.run(at(minutes) - yard.clock.now(), |_, _, _| {});
    until(&mut yard, 19);
    assert_eq!(yard.told(0), W(100_000));
    until(&mut yard, 20);
    assert_eq!(yard.told(0), W(30_000));
    until(&mut yard, 39);
    assert_eq!(yard.told(0), W(30_000));
    until(&mut yard, 41);
    assert_eq!(yard.told(0), W(100_000));
}

#[test]
fn a_meter_that_falls_silent_counts_as_its_worst_case() {
    let mut yard = charging();
    let now = yard.clock.now();
    let reading = |at, kilowatts: i64| Some(LoadReading { at, power: W(kilowatts * 1_000) });
    let peak = reading(now - TimeDelta::days(3), 60);
    let state = LoadState { latest: reading(now, 10), peak };
    let grid = yard.circuit_id(0);
    yard.depot.topology.loads.insert(grid, state);
    yard.run(TimeDelta::seconds(55), |yard, _, _| assert_eq!(yard.told(0), W(90_000)));
    // A minute later nobody knows what it is: the most it was in weeks.
    yard.run(TimeDelta::seconds(15), |_, _, _| {});
    assert_eq!(yard.told(0), W(40_000));
    // Configured is even more.
    yard.circuit(0, |node| node.circuit.unmanaged_load = W(70_000));
    yard.step();
    assert_eq!(yard.told(0), W(30_000));
}
