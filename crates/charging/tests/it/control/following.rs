//! Chargers that do not do what they accepted, and vehicles that take less than they may.

use charging::{SetpointReason, control::FollowingChange};
use chrono::TimeDelta;
use kernel::{Clock, W};

use super::yard::{Kind, Yard};

/// Two vehicles of 50 kW under 60 kW; the charger of the first stops obeying at 50 kW.
fn disobedient() -> Yard {
    let mut yard = Yard::new(&[(None, 60)], &[Kind::dc(0, 50), Kind::dc(0, 50)]);
    yard.plug_in(0, W(50_000));
    yard.settle();
    yard.real[0].obeys = false;
    yard.plug_in(1, W(50_000));
    yard
}

#[test]
fn a_charger_that_draws_more_is_counted_at_its_draw_told_again_and_reported_once() {
    let mut yard = disobedient();
    let begin = yard.clock.now();
    let (mut repeats, mut changes) = (Vec::new(), Vec::new());
    yard.run(TimeDelta::minutes(15), |yard, view, decision| {
        let seconds = (yard.clock.now() - begin).num_seconds();
        assert!(yard.draws(0) + yard.draws(1) <= W(60_000), "after {seconds} s");
        let told = view.evses[0].setpoint.told();
        repeats.extend(
            decision
                .orders
                .iter()
                .filter(|(index, limit)| *index == 0 && Some(*limit) == told)
                .map(|_| seconds),
        );
        changes.extend(decision.changes.iter().copied());
    });
    assert_eq!(repeats.len(), 3, "{repeats:?}");
    assert!(repeats.windows(3).all(|at| at[2] - at[1] > at[1] - at[0]), "{repeats:?}");
    assert_eq!(changes, [(0, FollowingChange::Lost)]);
    assert_eq!(yard.setpoint(0).reason, SetpointReason::NotFollowing);
    assert_eq!(yard.told(1), W(10_000));

    // It does what it is told again, and its room is given out.
    yard.real[0].obeys = true;
    let mut changes = Vec::new();
    yard.run(TimeDelta::minutes(5), |_, _, decision| changes.extend(decision.changes.iter().copied()));
    assert_eq!(changes, [(0, FollowingChange::Regained)]);
    assert_eq!(yard.setpoint(0).following, charging::Following::default());
    assert_eq!((yard.told(0), yard.told(1)), (W(30_000), W(30_000)));
}

#[test]
fn a_charger_that_strays_is_never_told_to_draw_more() {
    let mut yard = disobedient();
    let mut highest = W::ZERO;
    yard.run(TimeDelta::minutes(5), |yard, _, decision| {
        let raised = decision.orders.iter().filter(|(index, _)| *index == 0);
        highest = raised.map(|(_, limit)| *limit).max().unwrap_or_default().max(highest);
        assert_eq!(yard.draws(0), W(50_000));
    });
    assert!(highest <= W(30_000), "{highest}");
}

#[test]
fn what_a_vehicle_does_not_take_goes_to_others_and_comes_back() {
    let mut yard = Yard::new(&[(None, 60)], &[Kind::dc(0, 50), Kind::dc(0, 50)]);
    for place in 0..2 {
        yard.plug_in(place, W(50_000));
    }
    yard.settle();
    assert_eq!((yard.told(0), yard.told(1)), (W(30_000), W(30_000)));
    // It takes 8 kW only, for instance because its battery is nearly full.
    yard.real[0].wants = W(8_000);
    yard.settle();
    assert_eq!((yard.told(0), yard.told(1)), (W(10_000), W(50_000)));
    assert_eq!(yard.setpoint(0).reason, SetpointReason::VehicleLimit);
    yard.real[0].wants = W(50_000);
    yard.settle();
    assert_eq!((yard.told(0), yard.told(1)), (W(30_000), W(30_000)));
}

#[test]
fn a_vehicle_that_takes_nothing_keeps_the_least_and_starts_again_by_itself() {
    let mut yard = Yard::new(&[(None, 60)], &[Kind::dc(0, 50)]);
    yard.plug_in(0, W(50_000));
    yard.settle();
    yard.real[0].wants = W::ZERO;
    let mut told = Vec::new();
    yard.run(TimeDelta::minutes(10), |yard, _, _| told.push(yard.told(0)));
    told.dedup();
    assert_eq!(told, [W(5_000)]);
    yard.real[0].wants = W(50_000);
    yard.settle();
    assert_eq!(yard.told(0), W(50_000));
}

#[test]
fn a_limit_is_sent_again_when_a_vehicle_charges_again_after_a_pause() {
    let mut yard = Yard::new(&[(None, 60)], &[Kind::dc(0, 50)]);
    yard.step();
    yard.answer_all();
    yard.plug_in(0, W(50_000));
    yard.pass(TimeDelta::seconds(10));
    yard.read_all();
    yard.step();
    yard.answer_all();
    assert_eq!(yard.told(0), W(50_000));
    yard.pass(TimeDelta::seconds(10));
    let (_, decision) = yard.step();
    assert!(decision.orders.is_empty(), "{:?}", decision.orders);
    yard.charges(0);
    let (_, decision) = yard.step();
    assert_eq!(decision.orders, [(0, W(50_000))]);
    yard.answer_all();
    yard.pass(TimeDelta::seconds(10));
    let (_, decision) = yard.step();
    assert!(decision.orders.is_empty(), "once is enough: {:?}", decision.orders);
}
