//! Whatever chargers do with their orders, what is drawn stays within what the circuits allow; and
//! once they answer, the room is used, by those who come first.

use charging::{
    SetpointReason,
    control::{DepotView, EvseView},
};
use chrono::TimeDelta;
use kernel::W;
use proptest::prelude::*;

use super::{
    history::{event, yard},
    yard::{Kind, Yard},
};

/// What of a wish is less than a step of a limit, one step, and what is not worth an order.
const COARSE: i64 = 690 + 690 + 500;

/// By how much each circuit is exceeded by what its chargers may draw, orders just given included.
fn exposed(yard: &Yard, view: &DepotView) -> Vec<i64> {
    yard.excess(view, |place| {
        let evse = &view.evses[place];
        yard.setpoint(place).exposure(evse.unlimited).max(evse.exposure())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(160))]

    #[test]
    fn nothing_that_happens_makes_an_excess_or_makes_one_worse(
        (circuits, kinds) in yard(),
        events in proptest::collection::vec(event(), 1..120),
    ) {
        let mut yard = Yard::new(&circuits, &kinds);
        for event in events {
            yard.happen(&event);
            let view = yard.look();
            let before = yard.excess(&view, |place| view.evses[place].exposure());
            // What was told is what may be drawn: no charger draws more.
            for (place, evse) in view.evses.iter().enumerate() {
                let draws = yard.draws(place);
                prop_assert!(draws <= evse.exposure(), "{draws} at {place}, {} known, after {event:?}", evse.exposure());
            }
            let (view, _) = yard.step();
            for (circuit, (before, after)) in before.iter().zip(exposed(&yard, &view)).enumerate() {
                prop_assert!(after <= (*before).max(0), "circuit {circuit} by {after} W after {event:?}, {before} before");
            }
        }
    }

    #[test]
    fn in_the_end_every_limit_holds_and_the_room_is_used_by_those_who_come_first(
        (circuits, kinds) in yard(),
        events in proptest::collection::vec(event(), 1..60),
    ) {
        let mut yard = Yard::new(&circuits, &kinds);
        for event in &events {
            yard.happen(event);
            yard.step();
        }
        for place in 0..kinds.len() {
            yard.online(place, true);
        }
        // Those who rest have rested by then, and chargers that failed were asked again.
        yard.run(TimeDelta::minutes(8), |_, _, _| {});
        let (view, _) = yard.step();
        let excess = exposed(&yard, &view);
        // Nobody can help it where others alone are too much.
        let others = yard.excess(&view, |_| W::ZERO);
        let held = excess.iter().zip(&others).all(|(excess, others)| *excess <= (*others).max(0));
        prop_assert!(held, "{excess:?}, {others:?} by others");
        let told = |place: usize| yard.told(place);
        for (place, evse) in view.evses.iter().enumerate() {
            let lacks = evse.ask >= evse.min && told(place) + W(COARSE) < evse.ask;
            let in_turn = evse.setpoint.reason == SetpointReason::Rotation || evse.strays();
            if !lacks || in_turn {
                continue;
            }
            let missing = if told(place) == W::ZERO { evse.min.get() + COARSE } else { COARSE };
            let full: Vec<usize> = path(&view, evse).filter(|circuit| excess[*circuit] > -missing).collect();
            prop_assert!(!full.is_empty(), "{place} has {} of {} although there is room: {excess:?}", told(place), evse.ask);
            for (other, rival) in view.evses.iter().enumerate() {
                let behind = (rival.service.round, rival.tier) > (evse.service.round, evse.tier)
                    && (evse.service.planned, rival.service.planned) == (None, None);
                let above_least = told(other) > rival.min + W(COARSE);
                let alone = full.len() == 1 && path(&view, rival).any(|circuit| circuit == full[0]);
                let room = told(other) - rival.min > W(missing);
                prop_assert!(!(behind && above_least && alone && room), "{other} is served before {place}: {excess:?}");
            }
        }
    }
}

fn path<'a>(view: &'a DepotView, evse: &EvseView) -> impl Iterator<Item = usize> + 'a {
    std::iter::successors(Some(evse.circuit), |at| view.circuits[*at].parent)
}

#[test]
fn an_increase_waits_for_the_reduction_that_makes_its_room() {
    let mut yard = Yard::new(&[(None, 80)], &[Kind::dc(0, 120), Kind::dc(0, 50).tier(1)]);
    yard.plug_in(0, W(80_000));
    yard.settle();
    assert_eq!(yard.draws(0), W(80_000));
    // A more important vehicle comes to a circuit that is full.
    yard.plug_in(1, W(50_000));
    yard.step();
    assert_eq!((yard.told(0), yard.told(1)), (W(30_000), W::ZERO));
    // The charger is silent: nothing is given out that it may still draw.
    yard.pass(TimeDelta::seconds(20));
    yard.step();
    assert_eq!(yard.told(1), W::ZERO);
    // It says that it obeys, and nobody has seen it.
    yard.answer(0, charging::Held::Yes, true);
    yard.pass(TimeDelta::seconds(5));
    yard.step();
    assert_eq!(yard.told(1), W::ZERO);
    yard.read(0);
    yard.step();
    assert_eq!(yard.told(1), W(50_000));
}

#[test]
fn a_reduction_that_no_reading_contradicts_is_believed_after_a_while() {
    let mut yard = Yard::new(&[(None, 80)], &[Kind::dc(0, 120), Kind::dc(0, 50).tier(1)]);
    yard.plug_in(0, W(80_000));
    yard.settle();
    yard.plug_in(1, W(50_000));
    yard.step();
    yard.answer_all();
    // The last reading says 80 kW, and stands for a minute and a half.
    for seconds in [30, 30, 25] {
        yard.pass(TimeDelta::seconds(seconds));
        yard.step();
        assert_eq!(yard.told(1), W::ZERO);
    }
    yard.pass(TimeDelta::seconds(10));
    yard.step();
    assert_eq!(yard.told(1), W(50_000));
}

#[test]
fn the_limit_of_an_empty_place_need_not_be_seen() {
    let mut yard = Yard::new(&[(None, 80)], &[Kind::dc(0, 60), Kind::dc(0, 60)]);
    yard.step();
    // Vehicles come before the chargers have answered.
    yard.plug_in(0, W(60_000));
    yard.plug_in(1, W(60_000));
    yard.answer_all();
    let (view, _) = yard.step();
    let excess = exposed(&yard, &view);
    assert!(excess[0] <= 0, "{excess:?}");
    yard.pass(TimeDelta::seconds(5));
    yard.step();
    assert!(yard.told(0) + yard.told(1) > W(70_000));
}

#[test]
fn a_limit_that_halves_is_met_by_reductions_alone() {
    let kinds = [Kind::dc(0, 60), Kind::dc(1, 60), Kind::dc(1, 60)];
    let mut yard = Yard::new(&[(None, 100), (Some(0), 80)], &kinds);
    for place in 0..3 {
        yard.plug_in(place, W(50_000));
    }
    yard.settle();
    let before: Vec<W> = (0..3).map(|place| yard.told(place)).collect();
    assert!(before.iter().copied().sum::<W>() > W(95_000), "{before:?}");
    yard.limit(0, 50);
    yard.pass(TimeDelta::seconds(1));
    yard.step();
    let after: Vec<W> = (0..3).map(|place| yard.told(place)).collect();
    assert!(before.iter().zip(&after).all(|(before, after)| after <= before), "{before:?} {after:?}");
    assert!(after.iter().copied().sum::<W>() <= W(50_000), "{after:?}");
}
