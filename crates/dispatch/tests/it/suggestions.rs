//! Proposals: possible, without overlaps, and the best there is.

use dispatch::{
    Candidate, ChangeRun, CreateRun, DispatchError, Duty, Obstacle, Run, Suggestions, fit, suggest,
    testing::{Yard, hours, run},
};
use futures::executor::block_on;
use kernel::{DepotId, IdSource, OrganisationId, Soc, VehicleId, Wh, testing::CountingIds};
use proptest::prelude::*;
use vehicle::{SocObservation, SocSource, Vehicle, testing::bus};

use crate::{a_run, fixture};

fn observed(percent: f64) -> Option<SocObservation> {
    let soc = Soc::from_percent(percent).unwrap();
    Some(SocObservation { soc, source: SocSource::Charger, at: hours(0) })
}

fn candidate(ids: &CountingIds, organisation: OrganisationId, depot: DepotId, percent: f64) -> Candidate {
    let vehicle = Vehicle { depot: Some(depot), soc: observed(percent), ..bus(ids, organisation, "b") };
    Candidate { vehicle, runs: Vec::new() }
}

/// Ids, an organisation and a depot.
fn ground() -> (CountingIds, OrganisationId, DepotId) {
    let ids = CountingIds::default();
    let (organisation, depot) = (ids.uuid().into(), ids.uuid().into());
    (ids, organisation, depot)
}

fn obstacle(run: &Run, candidate: &Candidate) -> Option<Obstacle> {
    fit(run, candidate, hours(0)).err()
}

#[test]
fn what_cannot_be_is_told_why() {
    let (ids, organisation, depot) = ground();
    let mut duty = run(&ids, organisation, depot, "1", 1);
    duty.energy_required = Some(Wh(175_000));
    // 350 kWh and 150 kW: an hour is 43 %.
    let empty = candidate(&ids, organisation, depot, 5.0);
    assert_eq!(obstacle(&duty, &empty), Some(Obstacle::TooLittleTime));
    let some = candidate(&ids, organisation, depot, 20.0);
    let cost = fit(&duty, &some, hours(0)).unwrap();
    assert_eq!((cost.charge, cost.charge_minutes, cost.available_minutes), (Wh(105_000), 42, 60));
    assert_eq!(cost.total(), 105 + 700);

    let full = candidate(&ids, organisation, depot, 100.0);
    assert_eq!(fit(&duty, &full, hours(0)).unwrap().total(), 0);
    let out = Vehicle { out_of_service: true, ..full.vehicle.clone() };
    assert_eq!(obstacle(&duty, &Candidate { vehicle: out, runs: Vec::new() }), Some(Obstacle::OutOfService));
    let long = Run { vehicle_class: Some("long".into()), ..duty.clone() };
    assert_eq!(obstacle(&long, &full), Some(Obstacle::ClassMismatch));
    let far = Run { energy_required: Some(Wh(350_001)), ..duty.clone() };
    assert_eq!(obstacle(&far, &full), Some(Obstacle::BatteryTooSmall));
    let mut unknown = full.clone();
    unknown.vehicle.soc = None;
    assert_eq!(obstacle(&duty, &unknown), Some(Obstacle::TooLittleTime), "it counts as empty");

    let with = |hour| Candidate { runs: vec![run(&ids, organisation, depot, "x", hour)], ..full.clone() };
    assert_eq!(obstacle(&duty, &with(2)), Some(Obstacle::Overlap));
    // Back at 1:00 with nothing left, and away at once.
    assert_eq!(obstacle(&duty, &with(-1)), Some(Obstacle::TooLittleTime));
    let mut spoilt = full.clone();
    let next = Run { energy_required: Some(Wh(300_000)), ..run(&ids, organisation, depot, "x", 4) };
    spoilt.runs.push(next);
    assert_eq!(obstacle(&duty, &spoilt), Some(Obstacle::SpoilsNextRun));
    let elsewhere = candidate(&ids, organisation, ids.uuid().into(), 100.0);
    assert_eq!(fit(&duty, &elsewhere, hours(0)).unwrap().total(), 500);
}

#[test]
fn a_vehicle_may_run_one_after_the_other() {
    let (ids, organisation, depot) = ground();
    let duty = |block: &str, hour| Run {
        energy_required: Some(Wh(70_000)),
        ..run(&ids, organisation, depot, block, hour)
    };
    let runs = [duty("c", 7), duty("a", 1), duty("b", 4), duty("a2", 1)];
    let one = candidate(&ids, organisation, depot, 100.0);
    let proposed = suggest(&runs, vec![one.clone()], hours(0));
    let given: Vec<_> = proposed.suggestions.iter().map(|suggestion| suggestion.run).collect();
    assert_eq!(given, [runs[1].id, runs[2].id, runs[0].id]);
    assert_eq!(proposed.left, [(runs[3].id, Obstacle::Taken)]);
    assert_eq!(suggest(&runs[..1], Vec::new(), hours(0)).left, [(runs[0].id, Obstacle::NoVehicle)]);
}

#[test]
fn what_is_proposed_can_be_taken_up() {
    let f = fixture();
    let second = Vehicle {
        depot: Some(f.depot.id),
        soc: observed(100.0),
        ..bus(&*f.ids, f.scope.organisation(), "2")
    };
    block_on(f.store.add_vehicle(&second));
    let busy = block_on(f.dispatch.run_create(&f.scope, a_run(&f, "busy", 3))).unwrap();
    let nobody = CreateRun { duty: Duty::default(), ..a_run(&f, "free", 4) };
    let free = block_on(f.dispatch.run_create(&f.scope, nobody)).unwrap();
    let ask = |time, vehicles| block_on(f.dispatch.suggestions(&f.scope, f.depot.id, time, vehicles));
    let day = (hours(0), hours(24));
    let proposed = ask(day, None).unwrap();
    let [suggestion] = &proposed.suggestions[..] else { panic!("{proposed:?}") };
    assert_eq!((suggestion.run, suggestion.vehicle), (free.id, second.id));
    let only_first = ask(day, Some(vec![f.vehicle.id])).unwrap();
    assert_eq!(only_first.left, [(free.id, Obstacle::Overlap)]);
    let mut take = ChangeRun::default();
    take.duty.vehicle = kernel::Change::Set(second.id);
    block_on(f.dispatch.run_change(&f.scope, free.id, None, take)).unwrap();
    assert_eq!(ask(day, None).unwrap(), Suggestions::default());
    assert_eq!(busy.vehicle, Some(f.vehicle.id));

    let unknown: VehicleId = f.ids.uuid().into();
    for outcome in [
        ask(day, Some(vec![f.vehicle.id, unknown])),
        ask((hours(1), hours(1)), None),
        ask((hours(0), hours(169)), None),
    ] {
        assert!(matches!(outcome, Err(DispatchError::Invalid(_))));
    }
}

/// The most runs that can be given out at once, and the least cost of doing so, by trying everything.
fn best(runs: &[Run], candidates: &[Candidate], used: u32) -> (usize, i64) {
    let Some((first, rest)) = runs.split_first() else { return (0, 0) };
    let mut best_found = best(rest, candidates, used);
    for (index, candidate) in candidates.iter().enumerate().filter(|(index, _)| used & (1 << index) == 0) {
        let Ok(cost) = fit(first, candidate, hours(0)) else { continue };
        let (count, total) = best(rest, candidates, used | 1 << index);
        let found = (count + 1, total + cost.total());
        if found.0 > best_found.0 || (found.0 == best_found.0 && found.1 < best_found.1) {
            best_found = found;
        }
    }
    best_found
}

fn runs(hours: std::ops::Range<i64>) -> impl Strategy<Value = Vec<(i64, i64, i64, u8)>> {
    proptest::collection::vec((hours, 1_i64..6, 0_i64..350_000, 0_u8..4), 0..6)
}

fn vehicles() -> impl Strategy<Value = Vec<(f64, bool, bool, Option<i64>)>> {
    let busy = proptest::option::of(-3_i64..24);
    proptest::collection::vec((0.0..100.0, any::<bool>(), proptest::bool::weighted(0.1), busy), 0..5)
}

type Made = (Vec<Run>, Vec<Candidate>);

fn make(runs: Vec<(i64, i64, i64, u8)>, vehicles: Vec<(f64, bool, bool, Option<i64>)>) -> Made {
    let (ids, organisation, depot) = ground();
    let runs = runs.into_iter().map(|(hour, length, energy, class)| {
        let plain = run(&ids, organisation, depot, "r", hour);
        Run {
            arrival_at: plain.departure_at + chrono::TimeDelta::hours(length),
            energy_required: Some(Wh(energy)),
            vehicle_class: (class == 0).then(|| "long".to_owned()),
            ..plain
        }
    });
    let runs = runs.collect();
    let candidates = vehicles.into_iter().map(|(soc, long, out, busy)| {
        let mut candidate = candidate(&ids, organisation, depot, soc);
        candidate.vehicle.class = long.then(|| "long".to_owned());
        candidate.vehicle.out_of_service = out;
        candidate.runs.extend(busy.map(|hour| run(&ids, organisation, depot, "busy", hour)));
        candidate
    });
    (runs, candidates.collect())
}

proptest! {
    #[test]
    fn where_all_overlap_the_proposal_is_the_best_there_is(runs in runs(3..4), vehicles in vehicles()) {
        let (runs, candidates) = make(runs, vehicles);
        let proposed = suggest(&runs, candidates.clone(), hours(0));
        let total: i64 = proposed.suggestions.iter().map(|suggestion| suggestion.cost.total()).sum();
        prop_assert_eq!((proposed.suggestions.len(), total), best(&runs, &candidates, 0));
    }

    #[test]
    fn nothing_impossible_is_proposed(runs in runs(0..30), vehicles in vehicles()) {
        let (runs, mut candidates) = make(runs, vehicles);
        let proposed = suggest(&runs, candidates.clone(), hours(0));
        prop_assert_eq!(proposed.suggestions.len() + proposed.left.len(), runs.len());
        for suggestion in &proposed.suggestions {
            let run = runs.iter().find(|run| run.id == suggestion.run).unwrap();
            let candidate = candidates.iter_mut().find(|candidate| candidate.vehicle.id == suggestion.vehicle).unwrap();
            prop_assert!(candidate.runs.iter().all(|other| !other.overlaps(run)));
            prop_assert_eq!(fit(run, candidate, hours(0)), Ok(suggestion.cost));
            candidate.runs.push(run.clone());
        }
        for (id, obstacle) in &proposed.left {
            let run = runs.iter().find(|run| run.id == *id).unwrap();
            // Whoever is left could be run by nobody, or only by those who run others instead.
            prop_assert!(*obstacle == Obstacle::Taken || candidates.iter().all(|candidate| fit(run, candidate, hours(0)).is_err()));
        }
    }
}
