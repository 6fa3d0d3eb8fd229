//! Readiness: judged, recorded, shown.

use dispatch::{
    Cause, ChangeRun, DispatchError, DispatchTx, Prospect, Readiness, ReadinessState, Run, VehicleProspect,
    assess, record_readiness, testing::hours,
};
use futures::executor::block_on;
use kernel::{Begin, IdSource, OrganisationId, Scope, Soc, Wh};
use proptest::prelude::*;

use crate::{Fixture, a_run, fixture};

fn found(state: ReadinessState, cause: Option<Cause>) -> Readiness {
    Readiness { state, cause, assessed_at: Some(hours(0)), ..Readiness::default() }
}

fn record(f: &Fixture, found: Vec<(Run, Readiness)>) -> usize {
    block_on(async {
        let mut tx = Begin::<dyn DispatchTx>::begin(&f.store).await.unwrap();
        let organisation = f.scope.organisation();
        let changed = record_readiness(&mut *tx, &*f.clock, &*f.ids, organisation, found).await.unwrap();
        tx.commit().await.unwrap();
        changed
    })
}

#[test]
fn a_change_of_state_or_cause_is_told_once() {
    let f = fixture();
    let run = block_on(f.dispatch.run_create(&f.scope, a_run(&f, "1", 4))).unwrap();
    let misses = found(ReadinessState::WillMiss, Some(Cause::CircuitLimit));
    assert_eq!(record(&f, vec![(run.clone(), misses.clone())]), 1);
    let event = f.store.events().pop().unwrap();
    assert_eq!(event.name, "manage.run.readiness_changed.v1");
    assert_eq!(
        (&event.data["state"], &event.data["previous_state"]),
        (&"will_miss".into(), &"at_risk".into())
    );
    let later = Readiness { shortfall: Wh(3), assessed_at: Some(hours(1)), ..misses.clone() };
    assert_eq!(record(&f, vec![(run.clone(), later.clone())]), 0);
    assert_eq!(f.store.all_runs()[0].readiness, later, "kept, though there is nothing to tell");
    let other_cause = found(ReadinessState::WillMiss, Some(Cause::LateArrival));
    assert_eq!(record(&f, vec![(run.clone(), other_cause)]), 1);
    assert_eq!(f.store.all_runs()[0].version, run.version, "the version does not count it");
    assert_eq!(record(&f, Vec::new()), 0);
}

#[test]
fn what_is_out_of_date_is_not_kept() {
    let f = fixture();
    let run = block_on(f.dispatch.run_create(&f.scope, a_run(&f, "1", 4))).unwrap();
    let later = ChangeRun { departure_at: Some(hours(5)), ..ChangeRun::default() };
    let changed = block_on(f.dispatch.run_change(&f.scope, run.id, None, later)).unwrap();
    let good = found(ReadinessState::OnTrack, None);
    assert_eq!(record(&f, vec![(run.clone(), good.clone())]), 0);
    assert_eq!(f.store.all_runs()[0].readiness, Readiness::unjudged(true));
    let cancelled = block_on(f.dispatch.run_cancel(&f.scope, run.id)).unwrap();
    assert_eq!(record(&f, vec![(changed, good.clone()), (cancelled, good)]), 0);
}

#[test]
fn the_coming_day_and_what_is_overdue_are_shown() {
    let f = fixture();
    for (block, hour) in [("far", 24), ("next", 2), ("overdue", -3), ("left", -6), ("old", -25)] {
        block_on(f.dispatch.run_create(&f.scope, a_run(&f, block, hour))).unwrap();
    }
    let left = f.store.all_runs().into_iter().find(|run| run.block == "left").unwrap();
    block_on(f.dispatch.run_depart(&f.scope, left.id, Some(hours(-6)))).unwrap();
    let show = |from, to| block_on(f.dispatch.readiness_at(&f.scope, f.depot.id, from, to));
    let blocks =
        |from, to| -> Vec<String> { show(from, to).unwrap().runs.into_iter().map(|run| run.block).collect() };
    assert_eq!(blocks(None, None), ["overdue", "next"]);
    assert_eq!(show(None, None).unwrap().counts[&ReadinessState::AtRisk], 2);
    assert_eq!(blocks(None, Some(hours(25))), ["overdue", "next", "far"]);
    assert_eq!(blocks(Some(hours(0)), None), ["next"]);
    assert_eq!(blocks(Some(hours(-48)), None), ["old"]);
    assert!(matches!(show(None, Some(hours(-1))), Err(DispatchError::Invalid(_))));
    assert!(matches!(show(None, Some(hours(169))), Err(DispatchError::Invalid(_))));
    let stranger = Scope::system(OrganisationId::from(f.ids.uuid()));
    let strange = block_on(f.dispatch.readiness_at(&stranger, f.depot.id, None, None));
    assert!(matches!(strange, Err(DispatchError::NoSuchDepot)));
}

fn prospect() -> impl Strategy<Value = Prospect> {
    let soc = || proptest::option::of((0_u16..=10_000).prop_map(|soc| Soc::from_hundredths(soc).unwrap()));
    let ready = proptest::option::of(-5_i64..10);
    (soc(), soc(), soc(), ready, any::<bool>(), -3_i64..6).prop_map(
        |(needed, soc, predicted, ready, bad, at)| {
            let vehicle = VehicleProspect {
                battery: Wh(350_000),
                needed: needed.unwrap_or(Soc::FULL),
                soc,
                predicted,
                ready_at: ready.map(hours),
                obstacle: bad.then_some(Cause::ChargerOffline),
            };
            Prospect { departure_at: hours(at), vehicle: Some(vehicle) }
        },
    )
}

proptest! {
    #[test]
    fn nothing_is_on_track_that_is_not_known_to_be(prospect in prospect()) {
        let found = assess(&prospect, hours(0));
        let vehicle = prospect.vehicle.unwrap();
        if found.state == ReadinessState::OnTrack {
            prop_assert!(vehicle.predicted.unwrap() >= vehicle.needed);
            prop_assert!(vehicle.ready_at.unwrap() <= prospect.departure_at - dispatch::SPARE);
            prop_assert_eq!((found.cause, found.shortfall), (None, Wh(0)));
        }
        if found.state == ReadinessState::WillMiss || found.state == ReadinessState::Missed {
            prop_assert!(found.cause.is_some());
        }
        prop_assert_eq!(found.assessed_at, Some(hours(0)));
    }
}
