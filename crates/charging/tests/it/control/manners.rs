//! Reductions at once, increases slowly.

use charging::{Pace, SetpointReason};
use chrono::TimeDelta;
use kernel::{Clock, W};

use super::yard::{Kind, Yard};

#[test]
fn an_increase_comes_in_steps_with_pauses() {
    let mut yard = Yard::new(&[(None, 200)], &[Kind::dc(0, 150)]);
    yard.depot.pace = Pace { ramp: W(40_000), between_orders: TimeDelta::seconds(20), ..Pace::default() };
    yard.step();
    yard.answer_all();
    yard.plug_in(0, W(150_000));
    let begin = yard.clock.now();
    let mut orders = Vec::new();
    yard.run(TimeDelta::minutes(2), |yard, _, decision| {
        let seconds = (yard.clock.now() - begin).num_seconds();
        orders.extend(decision.orders.iter().map(|(_, limit)| (seconds, *limit)));
        if limit_is_partial(&orders) {
            assert_eq!(yard.setpoint(0).reason, SetpointReason::Ramping);
        }
    });
    assert_eq!(orders, [(20, W(40_000)), (40, W(80_000)), (60, W(120_000)), (80, W(150_000))]);
}

fn limit_is_partial(orders: &[(i64, W)]) -> bool {
    orders.last().is_some_and(|(_, limit)| *limit < W(150_000))
}

#[test]
fn after_a_reduction_an_increase_waits_and_a_further_reduction_does_not() {
    let mut yard = Yard::new(&[(None, 60)], &[Kind::dc(0, 50)]);
    yard.depot.pace = Pace { raise_after: TimeDelta::seconds(60), ..Pace::default() };
    yard.plug_in(0, W(50_000));
    yard.settle();
    yard.limit(0, 30);
    let told = |yard: &mut Yard, seconds| {
        yard.run(TimeDelta::seconds(seconds), |_, _, _| {});
        yard.told(0)
    };
    assert_eq!(told(&mut yard, 5), W(30_000));
    yard.limit(0, 20);
    assert_eq!(told(&mut yard, 5), W(20_000));
    yard.limit(0, 60);
    assert_eq!(told(&mut yard, 50), W(20_000));
    assert_eq!(told(&mut yard, 15), W(50_000));
}

#[test]
fn small_changes_are_not_worth_an_order_unless_a_circuit_needs_them() {
    let mut yard = Yard::new(&[(None, 40)], &[Kind::dc(0, 50), Kind::dc(0, 50)]);
    yard.depot.pace = Pace { hysteresis: W(2_000), ..Pace::default() };
    yard.plug_in(0, W(30_000));
    yard.settle();
    // Wants a little more, and a little less.
    for wants in [31_000, 29_500] {
        let vehicle = yard.vehicles[0].id;
        yard.depot.vehicles.get_mut(&vehicle).unwrap().max_dc = W(wants);
        yard.settle();
    }
    // The first is all it wants, the second not worth an order.
    assert_eq!(yard.told(0), W(31_000));
    yard.limit(0, 30);
    yard.step();
    assert!(yard.told(0) <= W(30_000), "{}", yard.told(0));
}
