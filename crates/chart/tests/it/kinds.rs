//! Every kind shows what was measured, planned and dispatched, and nothing else.

use chart::{ChartRequest, Kind, Resolution, RunOutcome, Shape};
use chrono::TimeDelta;
use kernel::{IdSource, W};

use crate::world::{World, hours, now, series, value_at, values};

#[test]
fn silence_is_a_gap_while_a_session_is_open_and_a_zero_where_none_is() {
    let world = World::new();
    world.night();
    let chart = world.chart(Kind::DepotPower, &world.of_depot());
    assert_eq!((chart.resolution, chart.from, chart.to), (Resolution::Quarter, hours(-24), now()));
    let charging = series(&chart, "charging");
    assert_eq!(value_at(charging, hours(-20)), Some(0.0));
    assert_eq!(value_at(charging, hours(-12)), Some(40.0));
    assert_eq!(value_at(charging, hours(-8)), None);
    assert_eq!(value_at(charging, hours(-1)), Some(0.0));
    // With the building, 40 kW and 8 kW.
    assert_eq!(value_at(series(&chart, "total"), hours(-12)), Some(48.0));
    let planned = series(&chart, "planned");
    assert_eq!(
        (planned.shape, planned.points[0].value, planned.points[1].value),
        (Shape::Plan, None, Some(40.0))
    );
    // What never changes is said at its beginning and at its end.
    assert_eq!(values(&series(&chart, "limit").points), [Some(100.0), Some(100.0)]);
}

#[test]
fn what_is_not_over_is_not_known() {
    let world = World::new();
    world.quarter(0, now(), 1_000);
    let ahead = ChartRequest {
        from: Some(hours(-1)),
        to: Some(hours(1)),
        resolution: Some(Resolution::Quarter),
        ..world.of_depot()
    };
    let chart = world.chart(Kind::DepotPower, &ahead);
    assert_eq!(values(&series(&chart, "charging").points)[3..], [Some(0.0), None, None, None, None]);
    // What was drawn is drawn, though the quarter is not over.
    let chart = world.chart(Kind::Energy, &ahead);
    let charged = series(&chart, "charged");
    assert_eq!(values(&charged.points)[3..], [Some(0.0), Some(1.0), None, None, None]);
    assert_eq!(charged.total, Some(1.0));
}

#[test]
fn a_day_is_that_of_the_depot() {
    let world = World::new();
    // In Berlin it is Sunday until 23:00 UTC.
    world.quarter(0, hours(-10), 3_000);
    world.quarter(0, hours(-9), 4_000);
    let days = ChartRequest { from: Some(hours(-12)), resolution: Some(Resolution::Day), ..world.of_depot() };
    let energy = world.chart(Kind::Energy, &days);
    assert_eq!(values(&energy.series[0].points), [Some(3.0), Some(4.0)]);
    let peaks = world.chart(Kind::DemandPeaks, &days);
    assert_eq!(values(&series(&peaks, "charging").points), [Some(12.0), Some(16.0)]);
    let power = world.chart(Kind::DepotPower, &days);
    // The mean of the nine hours of Monday that are over, of which a quarter had 16 kW.
    assert_eq!(values(&series(&power, "charging").points)[1], Some(16.0 / 36.0));
}

#[test]
fn a_circuit_has_what_hangs_on_it_and_below() {
    let world = World::new();
    world.quarter(0, hours(-1), 1_000);
    world.quarter(1, hours(-1), 2_000);
    let asked = |circuit| {
        let request = ChartRequest { circuit, from: Some(hours(-7)), to: Some(now()), ..world.of_depot() };
        value_at(series(&world.chart(Kind::CircuitPower, &request), "charging"), hours(-1))
    };
    assert_eq!(asked(None), Some(12.0));
    assert_eq!(asked(Some(world.grid.id)), Some(12.0));
    assert_eq!(asked(Some(world.panel.id)), Some(8.0));
    let charger = ChartRequest {
        charge_point: Some(world.chargers[0]),
        from: Some(hours(-7)),
        to: Some(now()),
        ..ChartRequest::default()
    };
    let chart = world.chart(Kind::DepotPower, &charger);
    assert_eq!(value_at(&chart.series[0], hours(-1)), Some(4.0));
    assert_eq!(chart.series.len(), 1, "a charger has neither plan nor limit of its own");
}

#[test]
fn a_vehicle_has_what_its_sessions_tell() {
    let world = World::new();
    world.night();
    let request =
        ChartRequest { vehicle: Some(world.vehicle), from: Some(hours(-24)), ..ChartRequest::default() };
    let chart = world.chart(Kind::Soc, &request);
    let soc = series(&chart, "soc");
    assert_eq!(value_at(soc, hours(-13)), None);
    assert_eq!(value_at(soc, hours(-12)), Some(20.0));
    assert_eq!(value_at(soc, hours(-8)), None, "an hour of silence");
    assert_eq!(value_at(soc, hours(-3)), Some(90.0), "as the session ended");
    assert_eq!(series(&chart, "target").points[0].value, Some(90.0));
}

#[test]
fn utilisation_is_a_share_of_places_and_of_power() {
    let world = World::new();
    // One of two places for half of an hour, with 25 of 100 kW.
    for minutes in [0, 15] {
        world.quarter(0, hours(-2) + TimeDelta::minutes(minutes), 6_250);
    }
    let request = ChartRequest { from: Some(hours(-2)), to: Some(hours(1)), ..world.of_depot() };
    let chart = world.chart(Kind::Utilisation, &request);
    assert_eq!(values(&series(&chart, "charging_time").points), [Some(25.0), Some(0.0), None]);
    assert_eq!(values(&series(&chart, "charging_power").points), [Some(12.5), Some(0.0), None]);
}

#[test]
fn a_plan_stands_beside_what_became_of_it() {
    let world = World::new();
    world.night();
    let chart = world.chart(Kind::PlanVsActual, &world.of_depot());
    assert_eq!(chart.series.iter().map(|series| series.name).collect::<Vec<_>>(), ["actual", "planned"]);
    let nothing = ChartRequest { from: Some(hours(-100)), to: Some(hours(-90)), ..world.of_depot() };
    let chart = world.chart(Kind::PlanVsActual, &nothing);
    assert!(series(&chart, "planned").points.iter().all(|point| point.value.is_none()));
}

#[test]
fn peaks_stand_beside_the_target() {
    let world = World::new();
    world.night();
    world.store.keep_demand_at(W(45_000));
    let chart = world.chart(Kind::DemandPeaks, &world.of_depot());
    assert_eq!(series(&chart, "target").points[0].value, Some(45.0));
    let peak = |name| series(&chart, name).points.iter().filter_map(|point| point.value).reduce(f64::max);
    assert!(peak("total") > peak("charging"));
}

#[test]
fn runs_are_counted_by_service_day() {
    let world = World::new();
    for (days_ago, outcome) in
        [(0, RunOutcome::Ready), (0, RunOutcome::AtRisk), (1, RunOutcome::Missed), (1, RunOutcome::Missed)]
    {
        world.run(days_ago, outcome);
    }
    let request = ChartRequest { from: Some(hours(-24)), ..world.of_depot() };
    let chart = world.chart(Kind::Readiness, &request);
    assert_eq!(values(&series(&chart, "missed").points), [Some(2.0), Some(0.0)]);
    assert_eq!(values(&series(&chart, "ready").points), [Some(0.0), Some(1.0)]);
    assert_eq!(series(&chart, "at_risk").total, Some(1.0));
    assert_eq!(chart.series.len(), 7);
}

#[test]
fn a_reading_is_believed_for_five_minutes() {
    let world = World::new();
    let minute = |minutes| hours(-1) + TimeDelta::minutes(minutes);
    let session = world.ids.uuid().into();
    world.session(0, minute(0), Some(minute(20)), None);
    for (minutes, power) in [(0, 10_000), (2, 20_000)] {
        world.add(chart::testing::Fact::Reading(chart::testing::ReadingFact {
            organisation: world.scope.organisation(),
            charge_point: world.chargers[0],
            connector: 1,
            session: Some(session),
            at: minute(minutes),
            power: W(power),
            soc: None,
        }));
    }
    let request = ChartRequest { from: Some(minute(0)), to: Some(minute(30)), ..world.of_depot() };
    let chart = world.chart(Kind::DepotPower, &request);
    assert_eq!(chart.resolution, Resolution::Minute);
    let charging = series(&chart, "charging");
    for (minutes, expected) in [
        (0, Some(10.0)),
        (1, Some(10.0)),
        (2, Some(20.0)),
        (6, Some(20.0)),
        (7, None),
        (19, None),
        (20, Some(0.0)),
    ] {
        assert_eq!(value_at(charging, minute(minutes)), expected, "minute {minutes}");
    }
}
