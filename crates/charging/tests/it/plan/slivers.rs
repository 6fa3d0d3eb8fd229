//! Slots below what a charger can give.

use charging::plan::{CircuitRoom, Demand, Horizon, Plan, Problem, Settings, Tariff, plan};
use kernel::{W, Wh};

/// Four quarters of an hour, the last one a little cheaper, in which so much may be drawn, and so little at least.
fn planned(most: [i64; 4], least: [i64; 4], need: i64) -> Plan {
    let demand = Demand {
        circuit: 0,
        arrival: 0,
        departure: 4,
        tier: 1,
        need: Wh(need),
        spare: Wh::ZERO,
        most: most.map(W).to_vec(),
        least: least.map(W).to_vec(),
        battery: None,
    };
    let tariff = Tariff {
        energy: vec![300_000, 300_000, 300_000, 295_000],
        demand: 0,
        peak_so_far: W::ZERO,
        unmanaged: vec![W::ZERO; 4],
        target: None,
    };
    let site = CircuitRoom { parent: None, room: vec![W(40_000), W(40_000), W(40_000), W(2_000)] };
    let horizon = Horizon { slots: 4, slot_minutes: 15 };
    let problem = Problem::new(horizon, vec![site], vec![demand], tariff).unwrap();
    plan(&problem, Settings::default())
}

/// Watts of the only demand.
fn power(plan: &Plan) -> Vec<i64> {
    plan.energy[0].iter().map(|energy| energy.0 / 15).collect()
}

#[test]
fn a_slot_with_less_power_has_no_lower_least() {
    // As where a vehicle is preconditioned besides: 6 kW are left, and the charger gives 5 at least.
    let plan = planned([20_000, 20_000, 20_000, 6_000], [5_000; 4], 5_000);
    assert_eq!((plan.below_least, plan.shortfalls.len()), (0, 0));
    assert_eq!(power(&plan).last(), Some(&0), "{:?}", power(&plan));
}

#[test]
fn a_part_of_a_slot_has_its_part_of_the_least() {
    // Two of the fifteen minutes: 2 kW of them are 15 kW while it lasts.
    let plan = planned([20_000, 20_000, 20_000, 2_667], [5_000, 5_000, 5_000, 667], 5_000);
    assert_eq!((plan.below_least, plan.shortfalls.len()), (0, 0));
    assert_eq!(power(&plan).last(), Some(&2_000), "{:?}", power(&plan));
}
