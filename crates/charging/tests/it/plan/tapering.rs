//! Vehicles that take less power as they fill.

use charging::plan::{Battery, CircuitRoom, Demand, Horizon, Plan, Problem, Settings, Tariff, plan};
use kernel::{Soc, W, Wh};
use proptest::{collection::vec, prelude::*};

use super::{
    generated::{Size, problem},
    judge,
};

const SMALL: Size = Size { slots: 24, circuits: 4, demands: 6, power: 50_000 };

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn nobody_draws_more_than_its_curve_allows(
        plain in problem(SMALL, 1..50, 0..2_000),
        batteries in vec(battery(), SMALL.demands),
    ) {
        let demands = plain.demands().iter().zip(batteries).map(|(demand, battery)| Demand {
            battery: Some(battery),
            ..demand.clone()
        });
        let problem = Problem::new(
            plain.horizon(),
            plain.circuits().to_vec(),
            demands.collect(),
            plain.tariff().clone(),
        ).unwrap();
        let plan = plan(&problem, Settings::default());
        for (at, demand) in problem.demands().iter().enumerate() {
            prop_assert!(follows_its_curve(demand, &plan, at, 60));
        }
    }
}

/// A battery of 100 kWh that takes 50 kW until it is half full, and less and less from there on.
#[test]
fn a_plan_starts_early_enough_for_a_tapering_battery() {
    let curve = vec![(Soc::from_percent(50.0).unwrap(), W(50_000)), (Soc::FULL, W(10_000))];
    let battery = Battery { capacity: Wh(100_000), arrival: Soc::EMPTY, efficiency: 1000, curve };
    let demand = Demand {
        circuit: 0,
        arrival: 0,
        departure: 16,
        tier: 1,
        need: Wh(85_000),
        spare: Wh::ZERO,
        most: vec![W(50_000); 16],
        least: vec![W(5_000); 16],
        battery: Some(battery),
    };
    // Dear at first, cheap at the end: too late for the last part, if the curve were not known.
    let energy = (0..16).map(|slot| if slot < 8 { 300_000 } else { 100_000 }).collect();
    let tariff = Tariff { energy, demand: 0, peak_so_far: W::ZERO, unmanaged: vec![W(0); 16], target: None };
    let site = CircuitRoom { parent: None, room: vec![W(60_000); 16] };
    let horizon = Horizon { slots: 16, slot_minutes: 15 };
    let problem = Problem::new(horizon, vec![site], vec![demand], tariff).unwrap();
    let plan = plan(&problem, Settings::default());
    judge::check(&problem, &plan).unwrap();
    assert!(follows_its_curve(&problem.demands()[0], &plan, 0, 15));
    let lacking: i64 = plan.shortfalls.iter().map(|shortfall| shortfall.unmet.0).sum();
    assert!(lacking <= 85_000 * 60 / 20, "{lacking} watt-minutes are missing");
}

fn follows_its_curve(demand: &Demand, plan: &Plan, at: usize, minutes: i64) -> bool {
    let battery = demand.battery.as_ref().unwrap();
    let mut taken = 0;
    (demand.arrival..demand.departure).all(|slot| {
        let now = plan.energy[at][slot].0;
        let most = battery.most_at(battery.charged(Wh(taken / 60))).unwrap();
        taken += now;
        now <= most.get() * minutes
    })
}

fn battery() -> impl Strategy<Value = Battery> {
    let point = (0..=10_000_u16, 0..60_000_i64);
    (1_000..200_000_i64, 0..=10_000_u16, 1..=1_000_u16, vec(point, 1..5)).prop_map(
        |(capacity, arrival, efficiency, mut curve)| {
            curve.sort_unstable();
            let curve = curve.into_iter().map(|(soc, power)| (Soc::from_hundredths(soc).unwrap(), W(power)));
            Battery {
                capacity: Wh(capacity),
                arrival: Soc::from_hundredths(arrival).unwrap(),
                efficiency,
                curve: curve.collect(),
            }
        },
    )
}
