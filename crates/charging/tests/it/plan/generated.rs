//! Properties of every plan, on generated depots.

use charging::plan::{
    CircuitRoom, Demand, DemandTarget, Horizon, Plan, Problem, Settings, Tariff, deliverable, plan,
};
use kernel::{W, Wh};
use proptest::{collection::vec, option, prelude::*, sample::select};

use super::{judge, reference};

const EXACT: Settings = Settings { merge_slivers: false };

/// How large a generated depot is.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub(crate) slots: usize,
    pub(crate) circuits: usize,
    pub(crate) demands: usize,
    /// Watts at most.
    pub(crate) power: i64,
}

const TINY: Size = Size { slots: 4, circuits: 3, demands: 4, power: 8 };
const SMALL: Size = Size { slots: 70, circuits: 6, demands: 12, power: 30_000 };

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_plan_is_as_good_as_any_there_is(problem in problem(TINY, 0..9, 0..4)) {
        let plan = plan(&problem, EXACT);
        judge::check(&problem, &plan).map_err(TestCaseError::fail)?;
        prop_assert_eq!(measured(&problem, &plan), reference::optimum(&problem));
    }

    /// Without a charge for the peak, energy that earns money is taken beyond the need.
    #[test]
    fn negative_prices_are_used_as_well_as_can_be(problem in problem(TINY, -5..5, 0..1)) {
        let plan = plan(&problem, EXACT);
        judge::check(&problem, &plan).map_err(TestCaseError::fail)?;
        prop_assert_eq!(measured(&problem, &plan), reference::optimum(&problem));
    }

    #[test]
    fn limits_stays_and_explanations_hold(problem in problem(SMALL, -5..50, 0..2_000)) {
        for settings in [EXACT, Settings::default()] {
            judge::check(&problem, &plan(&problem, settings)).map_err(TestCaseError::fail)?;
        }
    }

    #[test]
    fn merging_slivers_costs_neither_energy_nor_peak_and_little_money(
        problem in problem(SMALL, 1..50, 0..2_000),
    ) {
        let (exact, merged) = (plan(&problem, EXACT), plan(&problem, Settings::default()));
        prop_assert_eq!(judge::given(&exact), judge::given(&merged));
        let free = problem.tariff().demand == 0;
        prop_assert!(free || merged.bill.peak <= exact.bill.peak.max(problem.tariff().peak_so_far));
        prop_assert!(merged.below_least <= exact.below_least);
        prop_assert!(merged.bill.energy <= exact.bill.energy + exact.bill.energy / 50 + 1);
    }

    #[test]
    fn tiers_are_given_what_can_be_delivered(problem in problem(SMALL, 1..50, 0..2_000)) {
        let plan = plan(&problem, Settings::default());
        let given: i128 = judge::given(&plan).iter().sum();
        let deliverable: i128 = deliverable(&problem).iter().map(|energy| i128::from(energy.0)).sum();
        prop_assert_eq!(given, deliverable);
    }

    #[test]
    fn the_order_of_the_lists_does_not_matter(problem in problem(SMALL, 1..50, 0..2_000)) {
        let last = problem.circuits().len() - 1;
        let circuits = problem.circuits().iter().rev().map(|circuit| CircuitRoom {
            parent: circuit.parent.map(|parent| last - parent),
            ..circuit.clone()
        });
        let demands = problem.demands().iter().rev();
        let demands = demands.map(|demand| Demand { circuit: last - demand.circuit, ..demand.clone() });
        let tariff = problem.tariff().clone();
        let reversed =
            Problem::new(problem.horizon(), circuits.collect(), demands.collect(), tariff).unwrap();
        let (straight, mixed) = (plan(&problem, EXACT), plan(&reversed, EXACT));
        prop_assert_eq!(&straight, &plan(&problem, EXACT));
        prop_assert_eq!(grains(&problem, &straight), grains(&reversed, &mixed));
        // Two searches for the peak may end a millionth apart.
        let cost = |plan: &Plan| plan.bill.energy + plan.bill.demand;
        prop_assert!(cost(&straight).abs_diff(cost(&mixed)) <= cost(&straight).unsigned_abs() / 500_000 + 1);
    }

    /// A target that must hold, holds; one that may be broken, is broken only for somebody who
    /// would miss energy, and only as far as that takes.
    #[test]
    fn targets_give_way_only_for_energy(
        problem in problem(TINY, 1..9, 0..4),
        target in 0..20_i64,
        may_be_broken in any::<bool>(),
    ) {
        let with = |peak: i64, may_be_broken: bool| {
            let target = Some(DemandTarget { peak: W(peak), may_be_broken });
            let tariff = Tariff { target, ..problem.tariff().clone() };
            Problem::new(problem.horizon(), problem.circuits().to_vec(), problem.demands().to_vec(), tariff)
                .unwrap()
        };
        let given = |peak: i64, may_be_broken| {
            deliverable(&with(peak, may_be_broken)).iter().map(|energy| energy.0).sum::<i64>()
        };
        let problem = with(target, may_be_broken);
        let plan = plan(&problem, Settings::default());
        judge::check(&problem, &plan).map_err(TestCaseError::fail)?;
        let kept = plan.target.unwrap();
        let unmanaged = problem.tariff().unmanaged.iter().copied().max().unwrap();
        let excess = plan.bill.peak - W(target).max(unmanaged).max(problem.tariff().peak_so_far);
        if !may_be_broken {
            prop_assert!(excess <= W::ZERO, "{excess} above {target} W");
        } else if excess > W::ZERO {
            prop_assert!(given(plan.bill.peak.get() - 1, false) < given(0, true));
            prop_assert_eq!(kept.excess, plan.bill.peak - W(target));
        }
    }
}

/// As the reference measures: unmet watt-hours by tier, and the cost in thousandths.
fn measured(problem: &Problem, plan: &Plan) -> (Vec<i128>, i128) {
    let unmet = grains(problem, plan).into_iter().map(|unmet| unmet / 60).collect();
    (unmet, i128::from(plan.bill.energy) + i128::from(plan.bill.demand))
}

/// Unmet watt-minutes by tier, the most important first.
fn grains(problem: &Problem, plan: &Plan) -> Vec<i128> {
    let mut by_tier = std::collections::BTreeMap::<u8, i128>::new();
    for (demand, given) in problem.demands().iter().zip(judge::given(plan)) {
        *by_tier.entry(demand.tier).or_default() += (i128::from(demand.need.get()) * 60 - given).max(0);
    }
    by_tier.into_values().collect()
}

/// Slots of an hour, so that a watt is a watt-hour a slot; prices in whole thousands.
pub(crate) fn problem(
    size: Size,
    prices: std::ops::Range<i64>,
    charges: std::ops::Range<i64>,
) -> impl Strategy<Value = Problem> {
    (1..=size.slots, 1..=size.circuits, 0..=size.demands).prop_flat_map(move |(slots, circuits, demands)| {
        let tree: Vec<_> = (0..circuits).map(|at| circuit(at, slots, size)).collect();
        let tariff = tariff(slots, size, prices.clone(), charges.clone());
        (tree, vec(demand(circuits, slots, size), demands), tariff).prop_map(
            move |(circuits, demands, tariff)| {
                Problem::new(Horizon { slots, slot_minutes: 60 }, circuits, demands, tariff).unwrap()
            },
        )
    })
}

fn circuit(at: usize, slots: usize, size: Size) -> impl Strategy<Value = CircuitRoom> {
    let parent = if at == 0 { Just(None).boxed() } else { (0..at).prop_map(Some).boxed() };
    let room = (-1..size.power * 2).prop_map(W);
    (parent, vec(room, slots)).prop_map(|(parent, room)| CircuitRoom { parent, room })
}

fn demand(circuits: usize, slots: usize, size: Size) -> impl Strategy<Value = Demand> {
    let stay = (0..slots, 1..=slots)
        .prop_map(move |(arrival, stay)| arrival..(arrival + stay).min(slots))
        .prop_flat_map(move |stay| {
            let most = vec((0..=size.power).prop_map(W), stay.len());
            (Just(stay), most)
        });
    let energy = 0..size.power * 4;
    let least = select(vec![0, size.power / 8, size.power / 4]);
    (0..circuits, stay, 1..4_u8, energy.clone(), energy, least).prop_map(
        |(circuit, (stay, most), tier, need, spare, least)| Demand {
            circuit,
            arrival: stay.start,
            departure: stay.end,
            tier,
            need: Wh(need),
            spare: Wh(spare),
            least: vec![W(least); most.len()],
            most,
            battery: None,
        },
    )
}

fn tariff(
    slots: usize,
    size: Size,
    prices: std::ops::Range<i64>,
    charges: std::ops::Range<i64>,
) -> impl Strategy<Value = Tariff> {
    let price = prices.prop_map(|price| price * 1000);
    let charge = option::weighted(0.8, charges).prop_map(|charge| charge.unwrap_or(0) * 1000);
    let power = || (0..=size.power).prop_map(W);
    (vec(price, slots), charge, power(), vec(power(), slots)).prop_map(
        |(energy, demand, peak_so_far, unmanaged)| Tariff {
            energy,
            demand,
            peak_so_far,
            unmanaged,
            target: None,
        },
    )
}
