//! Where not even the minimums fit, everybody has a turn, and nobody is switched more often than
//! turns and rests allow.

use charging::SetpointReason;
use kernel::{Clock, Timestamp, W};
use proptest::prelude::*;

use super::yard::{Kind, Yard};

/// When one place was switched on and off.
#[derive(Clone, Debug, Default)]
struct Switching {
    on: bool,
    changes: Vec<Timestamp>,
}

/// A full circuit, and what became of everybody in so many windows for each.
fn watch(yard: &mut Yard, windows: i32) -> Vec<Switching> {
    let members = yard.real.len();
    let mut switching = vec![Switching::default(); members];
    let time = yard.depot.pace.window * windows * i32::try_from(members).unwrap();
    yard.run(time, |yard, _, _| {
        let now = yard.clock.now();
        for (place, switching) in switching.iter_mut().enumerate() {
            let on = yard.told(place) > W::ZERO;
            if on != switching.on {
                switching.on = on;
                switching.changes.push(now);
            }
        }
    });
    switching
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn everybody_has_a_turn_and_nobody_flaps(
        minimums in proptest::collection::vec(5_i64..15, 3..8),
        laxities in proptest::collection::vec(-60_i64..600, 8),
        room in 15_i64..30,
    ) {
        prop_assume!(minimums.iter().sum::<i64>() > room);
        let kinds: Vec<Kind> =
            minimums.iter().map(|min| Kind { min_kilowatts: *min, ..Kind::dc(0, 60) }).collect();
        let mut yard = Yard::new(&[(None, room)], &kinds);
        for (place, laxity) in laxities.iter().take(kinds.len()).enumerate() {
            yard.plug_in(place, W(50_000));
            yard.leaves_in(place, *laxity);
        }
        let begin = yard.clock.now();
        let switching = watch(&mut yard, 2);
        let (end, pace) = (yard.clock.now(), yard.depot.pace);
        let longest = pace.window * i32::try_from(kinds.len()).unwrap();
        for (place, switching) in switching.iter().enumerate() {
            let mut since = begin;
            for (index, at) in switching.changes.iter().enumerate() {
                let lasted = *at - since;
                let was_on = index % 2 == 1;
                if was_on {
                    prop_assert!(lasted >= pace.turn, "{place} was on for {lasted} only: {switching:?}");
                } else {
                    prop_assert!(lasted <= longest, "{place} waited for {lasted}: {switching:?}");
                    prop_assert!(index == 0 || lasted >= pace.rest, "{place} rested {lasted} only: {switching:?}");
                }
                since = *at;
            }
            prop_assert!(switching.on || end - since <= longest, "{place} waits for {}", end - since);
        }
    }
}

#[test]
fn a_more_important_tier_does_not_rotate_with_a_lesser_one() {
    let kinds = [Kind::dc(0, 50).tier(1), Kind::dc(0, 50).tier(2), Kind::dc(0, 50).tier(2)];
    let mut yard = Yard::new(&[(None, 11)], &kinds);
    for place in 0..3 {
        yard.plug_in(place, W(50_000));
    }
    let switching = watch(&mut yard, 1);
    assert_eq!(switching[0].changes.len(), 1, "{switching:?}");
    assert!(switching[1].changes.len() > 2 && switching[2].changes.len() > 2, "{switching:?}");
}

#[test]
fn who_waits_for_its_turn_is_told_so() {
    let kinds = [Kind::dc(0, 50), Kind::dc(0, 50), Kind::dc(0, 50).tier(9)];
    let mut yard = Yard::new(&[(None, 8)], &kinds);
    for place in 0..3 {
        yard.plug_in(place, W(50_000));
    }
    yard.settle();
    let reasons: Vec<SetpointReason> = (0..3).map(|place| yard.setpoint(place).reason).collect();
    assert!(reasons[..2].contains(&SetpointReason::Rotation), "{reasons:?}");
    // Nobody of its own tier charges: it has no turn to wait for.
    assert_eq!(reasons[2], SetpointReason::MinimumNotAvailable);
}

#[test]
fn a_turn_survives_a_restart() {
    let mut yard = Yard::new(&[(None, 8)], &[Kind::dc(0, 50), Kind::dc(0, 50)]);
    for place in 0..2 {
        yard.plug_in(place, W(50_000));
    }
    yard.settle();
    for setpoint in yard.depot.setpoints.values_mut() {
        *setpoint = serde_json::from_value(serde_json::to_value(&*setpoint).unwrap()).unwrap();
    }
    let switching = watch(&mut yard, 1);
    assert!(switching.iter().all(|switching| switching.changes.len() >= 2), "{switching:?}");
}

#[test]
fn small_reductions_are_worth_an_order_where_somebody_waits_for_their_room() {
    let kinds = [5, 6, 9, 10].map(|min| Kind { min_kilowatts: min, ..Kind::dc(0, 60) });
    let mut yard = Yard::new(&[(None, 29)], &kinds);
    for place in 0..4 {
        yard.plug_in(place, W(50_000));
    }
    // Two give 200 W each to the last, and one gives up its place.
    let switching = watch(&mut yard, 1);
    assert!(switching[3].changes.len() >= 2, "{switching:?}");
}
