//! What any store of charts must do.

use chrono::TimeDelta;
use depot::testing::{circuit, depot};
use kernel::{
    ChargePointId, Clock, DepotId, IdSource, OrganisationId, Soc, Timestamp, VehicleId, W, Wh,
    testing::{CountingIds, FakeClock},
};

use super::{ChargerFact, Fact, QuarterFact, ReadingFact, SessionFact, VehicleFact, Yard};
use crate::port::{
    Capacity, ChargerPlace, ChartReader, LoadOfOthers, Meter, MinuteMean, Open, Planned, QuarterSum,
    ReadinessCount, RunOutcome, SocAt, VehiclePlace,
};

/// So many minutes after the beginning of the tests' usual hour.
fn minute(minutes: i64) -> Timestamp {
    FakeClock::default().now() + TimeDelta::minutes(minutes)
}

fn percent(percent: f64) -> Soc {
    Soc::from_percent(percent).expect("a percentage")
}

/// A depot with a grid connection, a panel below it, and a charger on each, of two organisations alike.
struct World {
    organisation: OrganisationId,
    stranger: OrganisationId,
    depot: DepotId,
    grid: kernel::CircuitId,
    panel: kernel::CircuitId,
    chargers: [ChargePointId; 2],
    vehicle: VehicleId,
}

/// # Panics
/// Where the store does not keep the contract.
pub async fn holds<S: ChartReader + ?Sized, Y: Yard + ?Sized>(store: &S, yard: &Y) {
    let ids = CountingIds::default();
    let world = world(yard, &ids).await;
    places_are_those_of_the_organisation(store, &world).await;
    quarters_are_added_up(store, yard, &world).await;
    sessions_that_touch_are_one(store, yard, &world, &ids).await;
    minutes_are_means_of_readings(store, yard, &world, &ids).await;
    soc_is_what_sessions_of_the_vehicle_tell(store, &world).await;
    loads_and_plans_are_by_time(store, yard, &world).await;
    runs_are_counted_by_day(store, yard, &world).await;
}

async fn world<Y: Yard + ?Sized>(yard: &Y, ids: &CountingIds) -> World {
    let (organisation, stranger) = (ids.uuid().into(), ids.uuid().into());
    let home = depot(ids, organisation, "A");
    let grid = circuit(ids, &home, None);
    let panel = circuit(ids, &home, Some(&grid));
    let chargers = [ids.uuid().into(), ids.uuid().into()];
    let vehicle = ids.uuid().into();
    let world =
        World { organisation, stranger, depot: home.id, grid: grid.id, panel: panel.id, chargers, vehicle };
    yard.add(Fact::Depot(Box::new(home))).await;
    yard.add(Fact::Circuit(Box::new(grid))).await;
    yard.add(Fact::Circuit(Box::new(panel))).await;
    for (n, id) in chargers.into_iter().enumerate() {
        yard.add(Fact::Charger(ChargerFact {
            organisation,
            id,
            depot: world.depot,
            circuit: (n == 1).then_some(world.panel),
            name: format!("CP-{n}"),
            power: W(22_000),
        }))
        .await;
    }
    yard.add(Fact::Vehicle(VehicleFact {
        organisation,
        id: vehicle,
        depot: Some(world.depot),
        name: "B-1".to_owned(),
        target: percent(90.0),
    }))
    .await;
    world
}

async fn places_are_those_of_the_organisation<S: ChartReader + ?Sized>(store: &S, world: &World) {
    let (own, other) = (world.organisation, world.stranger);
    let tree = store.tree(own, world.depot).await.expect("reads").expect("is there");
    assert_eq!((tree.depot.id, tree.circuits.len()), (world.depot, 2));
    assert!(store.tree(other, world.depot).await.expect("reads").is_none());
    let place = ChargerPlace { depot: world.depot, name: "CP-0".to_owned() };
    assert_eq!(store.charger(own, world.chargers[0]).await.expect("reads"), Some(place));
    assert_eq!(store.charger(other, world.chargers[0]).await.expect("reads"), None);
    let place = VehiclePlace { depot: Some(world.depot), name: "B-1".to_owned(), target: percent(90.0) };
    assert_eq!(store.vehicle(own, world.vehicle).await.expect("reads"), Some(place));
    assert_eq!(store.vehicle(other, world.vehicle).await.expect("reads"), None);
    for (meter, evses) in [
        (Meter::Depot(world.depot), 2),
        (Meter::ChargePoint(world.chargers[0]), 1),
        (Meter::Circuits(vec![world.panel]), 1),
        (Meter::Circuits(vec![world.grid]), 0),
    ] {
        let can = Capacity { evses, power: W(22_000 * i64::from(evses)) };
        assert_eq!(store.capacity(own, &meter).await.expect("reads"), can, "{meter:?}");
        assert_eq!(store.capacity(other, &meter).await.expect("reads"), Capacity::default());
    }
}

async fn quarters_are_added_up<S: ChartReader + ?Sized, Y: Yard + ?Sized>(
    store: &S,
    yard: &Y,
    world: &World,
) {
    for (charger, connector, minutes, energy, soc) in [
        (0, 1, 0, 1_000, 20.0),
        (1, 1, 0, 500, 50.0),
        (1, 2, 0, 0, 50.0),
        (0, 1, 15, 2_000, 30.0),
        (0, 1, 45, 0, 40.0),
    ] {
        yard.add(Fact::Quarter(QuarterFact {
            organisation: world.organisation,
            depot: world.depot,
            charge_point: world.chargers[charger],
            connector,
            at: minute(minutes),
            energy: Wh(energy),
            soc: Some(percent(soc)),
        }))
        .await;
    }
    let sum = |minutes, energy, charging| QuarterSum { at: minute(minutes), energy: Wh(energy), charging };
    for (meter, expected) in [
        (Meter::Depot(world.depot), vec![sum(0, 1_500, 2), sum(15, 2_000, 1), sum(45, 0, 0)]),
        (Meter::ChargePoint(world.chargers[1]), vec![sum(0, 500, 1)]),
        (Meter::Circuits(vec![world.grid, world.panel]), vec![sum(0, 500, 1)]),
    ] {
        let asked = |organisation, to| store.quarter_sums(organisation, &meter, minute(0), minute(to));
        assert_eq!(asked(world.organisation, 60).await.expect("reads"), expected, "{meter:?}");
        assert_eq!(asked(world.organisation, 15).await.expect("reads"), expected[..1], "until before");
        assert_eq!(asked(world.stranger, 60).await.expect("reads"), []);
    }
}

async fn sessions_that_touch_are_one<S: ChartReader + ?Sized, Y: Yard + ?Sized>(
    store: &S,
    yard: &Y,
    world: &World,
    ids: &CountingIds,
) {
    for (charger, from, to, soc) in [
        (0, 5, Some(40), (Some(15.0), Some(35.0))),
        (1, 40, Some(50), (None, None)),
        (1, 55, None, (None, None)),
        (1, -60 * 24 * 8, None, (None, None)),
    ] {
        yard.add(Fact::Session(SessionFact {
            id: ids.uuid().into(),
            organisation: world.organisation,
            depot: world.depot,
            charge_point: world.chargers[charger],
            connector: 1,
            vehicle: (charger == 0).then_some(world.vehicle),
            from: minute(from),
            to: to.map(minute),
            soc: (soc.0.map(percent), soc.1.map(percent)),
        }))
        .await;
    }
    let open = |from, to: Option<i64>| Open { from: minute(from), to: to.map(minute) };
    for (meter, expected) in [
        (Meter::Depot(world.depot), vec![open(5, Some(50)), open(55, None)]),
        (Meter::ChargePoint(world.chargers[0]), vec![open(5, Some(40))]),
        (Meter::Circuits(vec![world.panel]), vec![open(40, Some(50)), open(55, None)]),
    ] {
        let asked = |organisation, from, to| store.open_times(organisation, &meter, minute(from), minute(to));
        assert_eq!(asked(world.organisation, 0, 60).await.expect("reads"), expected, "{meter:?}");
        assert_eq!(asked(world.organisation, -60, 0).await.expect("reads"), []);
        assert_eq!(asked(world.stranger, 0, 60).await.expect("reads"), []);
    }
}

async fn minutes_are_means_of_readings<S: ChartReader + ?Sized, Y: Yard + ?Sized>(
    store: &S,
    yard: &Y,
    world: &World,
    ids: &CountingIds,
) {
    let session = ids.uuid().into();
    yard.add(Fact::Session(SessionFact {
        id: session,
        organisation: world.organisation,
        depot: world.depot,
        charge_point: world.chargers[0],
        connector: 2,
        vehicle: Some(world.vehicle),
        from: minute(120),
        to: None,
        soc: (None, None),
    }))
    .await;
    for (seconds, power) in [(0, 10_000), (30, 12_000), (60, 20_000)] {
        yard.add(Fact::Reading(ReadingFact {
            organisation: world.organisation,
            charge_point: world.chargers[0],
            connector: 2,
            session: Some(session),
            at: minute(120) + TimeDelta::seconds(seconds),
            power: W(power),
            soc: (seconds != 30).then(|| percent(60.0)),
        }))
        .await;
    }
    let mean = |minutes, power| MinuteMean {
        charge_point: world.chargers[0],
        connector: 2,
        at: minute(minutes),
        power: W(power),
    };
    for meter in [Meter::Depot(world.depot), Meter::ChargePoint(world.chargers[0])] {
        let found = store.minute_means(world.organisation, &meter, minute(119), minute(122)).await;
        assert_eq!(found.expect("reads"), [mean(120, 11_000), mean(121, 20_000)]);
        let theirs = store.minute_means(world.stranger, &meter, minute(119), minute(122)).await;
        assert_eq!(theirs.expect("reads"), []);
    }
    let elsewhere = Meter::Circuits(vec![world.panel]);
    let found = store.minute_means(world.organisation, &elsewhere, minute(119), minute(122)).await;
    assert_eq!(found.expect("reads"), []);
    let read = |minutes| SocAt { at: minute(minutes), soc: percent(60.0) };
    let asked = |organisation| store.soc_by_reading(organisation, world.vehicle, minute(119), minute(122));
    assert_eq!(asked(world.organisation).await.expect("reads"), [read(120), read(121)]);
    assert_eq!(asked(world.stranger).await.expect("reads"), []);
}

async fn soc_is_what_sessions_of_the_vehicle_tell<S: ChartReader + ?Sized>(store: &S, world: &World) {
    let read = |minutes, soc| SocAt { at: minute(minutes), soc: percent(soc) };
    let asked =
        |organisation, from| store.soc_by_quarter(organisation, world.vehicle, minute(from), minute(60));
    // The first quarter began before the session, the last goes on after it.
    let expected = [read(5, 15.0), read(15, 30.0), read(40, 35.0)];
    assert_eq!(asked(world.organisation, 0).await.expect("reads"), expected);
    assert_eq!(asked(world.organisation, 15).await.expect("reads"), expected[1..]);
    assert_eq!(asked(world.stranger, 0).await.expect("reads"), []);
}

async fn loads_and_plans_are_by_time<S: ChartReader + ?Sized, Y: Yard + ?Sized>(
    store: &S,
    yard: &Y,
    world: &World,
) {
    let World { organisation, depot, grid, stranger, .. } = *world;
    for (minutes, power) in [(0, 1_000), (10, 3_000), (15, 4_000), (30, 5_000)] {
        yard.add(Fact::Load { circuit: grid, at: minute(minutes), power: W(power) }).await;
    }
    let load = |minutes, mean| LoadOfOthers { circuit: grid, at: minute(minutes), mean: W(mean) };
    let found = store.load_of_others(organisation, depot, minute(0), minute(30)).await;
    assert_eq!(found.expect("reads"), [load(0, 2_000), load(15, 4_000)]);
    assert_eq!(store.load_of_others(stranger, depot, minute(0), minute(30)).await.expect("reads"), []);
    for (minutes, power) in [(0, 7_000), (15, 8_000), (30, 9_000)] {
        yard.add(Fact::Slot { organisation, depot, at: minute(minutes), power: W(power) }).await;
    }
    let slot = |minutes, power| Planned { at: minute(minutes), power: W(power) };
    let found = store.planned(organisation, depot, minute(0), minute(30)).await;
    assert_eq!(found.expect("reads"), [slot(0, 7_000), slot(15, 8_000)]);
    assert_eq!(store.planned(stranger, depot, minute(0), minute(30)).await.expect("reads"), []);
}

async fn runs_are_counted_by_day<S: ChartReader + ?Sized, Y: Yard + ?Sized>(
    store: &S,
    yard: &Y,
    world: &World,
) {
    let World { organisation, depot, stranger, .. } = *world;
    let monday = minute(0).date_naive();
    let tuesday = monday.succ_opt().expect("a day");
    let all = [
        RunOutcome::Departed,
        RunOutcome::Ready,
        RunOutcome::OnTrack,
        RunOutcome::AtRisk,
        RunOutcome::WillMiss,
        RunOutcome::Missed,
        RunOutcome::Unassigned,
    ];
    for outcome in all.into_iter().chain([RunOutcome::Ready]) {
        yard.add(Fact::Run { organisation, depot, service_date: monday, outcome }).await;
    }
    yard.add(Fact::Run { organisation, depot, service_date: tuesday, outcome: RunOutcome::Ready }).await;
    let count = |outcome| ReadinessCount {
        service_date: monday,
        outcome,
        runs: if outcome == RunOutcome::Ready { 2 } else { 1 },
    };
    let found = store.readiness_counts(organisation, depot, monday, monday).await.expect("reads");
    assert_eq!(found, all.map(count));
    let both = store.readiness_counts(organisation, depot, monday, tuesday).await.expect("reads");
    assert_eq!(both.len(), all.len() + 1);
    assert_eq!(store.readiness_counts(stranger, depot, monday, tuesday).await.expect("reads"), []);
}
