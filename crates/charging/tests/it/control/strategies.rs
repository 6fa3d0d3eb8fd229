//! The plan first, then what others lack, then what nobody else wants; and what is set by hand.

use charging::{PlanUse, SetpointReason, TierSource, overrides::ChargingOverride};
use chrono::TimeDelta;
use depot::ChargingStrategy;
use kernel::{Clock, W};

use super::yard::{Kind, Yard};

/// Three vehicles of 50 kW under some kilowatts, the last the most important.
fn scheduled(kilowatts: i64, planned: [i64; 3]) -> Yard {
    let kinds = [Kind::dc(0, 50), Kind::dc(0, 50), Kind::dc(0, 50).tier(1)];
    let mut yard = Yard::new(&[(None, kilowatts)], &kinds);
    yard.strategy(ChargingStrategy::Scheduled, false);
    for place in 0..3 {
        yard.plug_in(place, W(50_000));
    }
    yard.plan(|place| W(planned[place] * 1_000));
    yard
}

fn told(yard: &Yard) -> Vec<i64> {
    (0..yard.real.len()).map(|place| yard.told(place).get() / 1_000).collect()
}

fn reasons(yard: &Yard) -> Vec<SetpointReason> {
    (0..yard.real.len()).map(|place| yard.setpoint(place).reason).collect()
}

/// Runs for a while, and makes the same plan again every minute, as if nobody ever fell behind.
fn settle_on(yard: &mut Yard, planned: [i64; 3]) {
    for _ in 0..4 {
        yard.plan(|place| W(planned[place] * 1_000));
        yard.run(TimeDelta::minutes(1), |_, _, _| {});
    }
}

#[test]
fn the_plan_is_what_is_given_and_spare_room_stays_spare() {
    let planned = [20, 0, 10];
    let mut yard = scheduled(120, planned);
    settle_on(&mut yard, planned);
    assert_eq!(told(&yard), planned);
    assert_eq!(reasons(&yard), [SetpointReason::Plan; 3]);
    yard.strategy(ChargingStrategy::Scheduled, true);
    settle_on(&mut yard, planned);
    assert_eq!(told(&yard), [35, 35, 50]);
}

#[test]
fn too_little_room_for_the_plan_goes_by_tier() {
    let planned = [40, 40, 40];
    let mut yard = scheduled(70, planned);
    settle_on(&mut yard, planned);
    assert_eq!(told(&yard), [15, 15, 40]);
    assert_eq!(reasons(&yard)[0], SetpointReason::BindingCircuit);
}

#[test]
fn whom_no_plan_knows_takes_what_the_plan_leaves() {
    let planned = [20, 20, 0];
    let mut yard = scheduled(70, planned);
    let stranger = yard.vehicles[2].id;
    for _ in 0..4 {
        yard.plan(|place| W(planned[place] * 1_000));
        let plan = yard.depot.plan.as_mut().unwrap();
        plan.vehicles.retain(|vehicle| vehicle.vehicle != stranger);
        yard.run(TimeDelta::minutes(1), |_, _, _| {});
    }
    assert_eq!(told(&yard), [20, 20, 30]);
}

#[test]
fn a_vehicle_behind_its_plan_catches_up_and_stops_there() {
    let mut yard = scheduled(200, [20, 20, 20]);
    yard.run(TimeDelta::minutes(2), |_, _, _| {});
    // The first takes nothing for a while, and then all it can get.
    yard.real[0].wants = W(1_000);
    yard.run(TimeDelta::minutes(6), |_, _, _| {});
    assert_eq!(told(&yard)[1..], [20, 20]);
    yard.real[0].wants = W(50_000);
    let mut highest = 0;
    yard.run(TimeDelta::minutes(10), |yard, _, _| highest = highest.max(told(yard)[0]));
    assert_eq!(highest, 50);
    assert_eq!(told(&yard), [20, 20, 20]);
    assert_eq!(reasons(&yard)[0], SetpointReason::Plan);
}

#[test]
fn a_plan_of_less_than_the_minimum_is_the_minimum_or_nothing() {
    for (planned, given) in [(0, 0), (2, 0), (3, 5), (5, 5), (6, 6)] {
        let mut yard = scheduled(200, [planned; 3]);
        settle_on(&mut yard, [planned; 3]);
        assert_eq!(told(&yard), [given; 3], "{planned}");
    }
}

#[test]
fn without_a_plan_or_with_an_old_one_it_goes_by_priority() {
    let mut yard = scheduled(70, [5, 5, 5]);
    yard.depot.plan = None;
    yard.settle();
    assert_eq!(told(&yard), [10, 10, 50]);
    assert_eq!(yard.look().plan_use, PlanUse::Missing);
    yard.plan(|_| W(5_000));
    assert_eq!(yard.look().plan_use, PlanUse::Followed);
    yard.pass(yard.depot.pace.plan_valid + TimeDelta::seconds(1));
    let view = yard.look();
    assert_eq!((view.plan_use, view.evses[0].plan), (PlanUse::Outdated, None));
    yard.strategy(ChargingStrategy::Priority, false);
    assert_eq!(yard.look().plan_use, PlanUse::NotWanted);
}

#[test]
fn equal_share_knows_no_priority() {
    let mut yard = scheduled(90, [5, 5, 5]);
    yard.strategy(ChargingStrategy::EqualShare, false);
    yard.settle();
    assert_eq!(told(&yard), [30, 30, 30]);
    assert_eq!(yard.look().evses[2].tier_source, TierSource::EqualShare);
}

/// See [`Yard::set_by_hand`].
const PAUSE: u8 = 0;
const BOOST: u8 = 1;
const LIMIT_12: u8 = 2;
const BY_PRIORITY: u8 = 5;

fn newest(yard: &Yard) -> Option<ChargingOverride> {
    yard.depot.overrides.last().cloned()
}

#[test]
fn what_is_set_by_hand_has_the_last_word_until_it_expires() {
    let planned = [20, 20, 20];
    for (what, given, why) in [
        (PAUSE, 0, SetpointReason::Override),
        (LIMIT_12, 12, SetpointReason::Override),
        (BOOST, 50, SetpointReason::ChargerLimit),
        (BY_PRIORITY, 50, SetpointReason::ChargerLimit),
    ] {
        let mut yard = scheduled(200, planned);
        yard.set_by_hand(0, what, 6);
        settle_on(&mut yard, planned);
        assert_eq!((told(&yard)[0], reasons(&yard)[0]), (given, why), "{what}");
        assert_eq!(told(&yard)[1..], [20, 20]);
        let over = newest(&yard).unwrap();
        assert_eq!(yard.look().evses[0].over, Some(over.id));
        yard.pass(TimeDelta::minutes(3));
        let now = yard.clock.now();
        yard.depot.overrides.retain(|over| over.active(now));
        settle_on(&mut yard, planned);
        assert_eq!((told(&yard)[0], reasons(&yard)[0]), (20, SetpointReason::Plan), "{what}");
    }
}

#[test]
fn a_boost_comes_before_every_tier_and_within_every_limit() {
    let mut yard = scheduled(60, [50, 50, 50]);
    yard.strategy(ChargingStrategy::Priority, false);
    yard.settle();
    assert_eq!(told(&yard), [5, 5, 50]);
    yard.set_by_hand(0, BOOST, 60);
    yard.settle();
    assert_eq!(told(&yard), [50, 5, 5]);
    assert_eq!(yard.look().evses[0].tier_source, TierSource::Boost);
    // With a limit of its own as well, it has that first.
    yard.set_by_hand(0, LIMIT_12, 60);
    yard.settle();
    assert_eq!(told(&yard), [12, 5, 43]);
    yard.set_by_hand(0, PAUSE, 60);
    yard.settle();
    assert_eq!(told(&yard)[0], 0);
}
