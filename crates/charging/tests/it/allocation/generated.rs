//! Properties of every allocation, on generated depots.

use charging::allocation::{
    Allocation, Ask, CircuitInput, EvseInput, Load, Phases, Problem, Reason, Service, allocate,
};
use kernel::{MilliAmps, W};
use proptest::{collection::vec, option, prelude::*, sample::select};

use super::judge::Judge;

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn limits_steps_priorities_and_reasons_hold(problem in problem(steps_as_built())) {
        let allocation = allocate(&problem);
        Judge::new(&problem, &allocation).check(&allocation).map_err(TestCaseError::fail)?;
    }

    /// With steps as fine as the arithmetic, being poorer than another of one's tier has only one
    /// cause: a circuit that the other does not burden.
    #[test]
    fn nobody_could_rise_by_cutting_the_richer_of_its_tier(problem in problem(steps_of_one())) {
        let judge_of = allocate(&problem);
        let judge = Judge::new(&problem, &judge_of);
        // A milliampere or a watt each is lost to rounding, at most at every EVSE of three phases.
        let slack = 20_000 * i64::try_from(problem.evses().len()).unwrap();
        for index in 0..problem.evses().len() {
            let envy = judge.envy(index, slack);
            prop_assert!(envy <= i128::from(slack), "evse {index} could rise by {envy} microamperes");
        }
    }

    #[test]
    fn the_order_of_the_lists_does_not_matter(
        problem in problem(steps_as_built()),
        seed in any::<u64>(),
    ) {
        let circuits = shuffled(problem.circuits().len(), seed);
        let evses = shuffled(problem.evses().len(), seed.rotate_left(17));
        let other = rearranged(&problem, &circuits, &evses);
        let (straight, mixed) = (allocate(&problem), allocate(&other));
        prop_assert_eq!(&straight, &allocate(&problem));
        for (index, &from) in evses.iter().enumerate() {
            let (mut here, there) = (straight.evses[from], mixed.evses[index]);
            here.reason = match here.reason {
                Reason::CircuitLimit(at) => Reason::CircuitLimit(place(&circuits, at)),
                Reason::BelowMinimum(at) => Reason::BelowMinimum(place(&circuits, at)),
                other => other,
            };
            prop_assert_eq!(here, there);
        }
    }

    /// The sums reported for circuits are those of the setpoints below them.
    #[test]
    fn circuits_report_what_is_given_below_them(problem in problem(steps_as_built())) {
        let allocation = allocate(&problem);
        for (circuit, reported) in allocation.circuits.iter().enumerate() {
            prop_assert_eq!(reported.managed.power, given_below(&problem, &allocation, circuit));
        }
    }
}

fn given_below(problem: &Problem, allocation: &Allocation, circuit: usize) -> W {
    let below = |evse: &EvseInput| {
        std::iter::successors(Some(evse.circuit), |&at| problem.circuits()[at].parent).any(|at| at == circuit)
    };
    let given = problem.evses().iter().zip(&allocation.evses);
    given.filter(|(evse, _)| below(evse)).map(|(_, given)| given.power).sum()
}

/// Steps as chargers have them: tenths of amperes to amperes, watts to kilowatts.
fn steps_as_built() -> impl Strategy<Value = (i64, i64)> + Clone {
    (select(vec![100, 500, 1_000]), select(vec![1, 100, 1_000]))
}

fn steps_of_one() -> impl Strategy<Value = (i64, i64)> + Clone {
    Just((1, 1))
}

fn problem(steps: impl Strategy<Value = (i64, i64)> + Clone + 'static) -> impl Strategy<Value = Problem> {
    (1..7_usize, 0..14_usize).prop_flat_map(move |(circuits, evses)| {
        let tree: Vec<_> = (0..circuits).map(circuit).collect();
        (tree, vec(evse(circuits, steps.clone()), evses)).prop_map(|(circuits, mut evses)| {
            evses.iter_mut().zip(0..).for_each(|(evse, number)| evse.tie_break = number);
            Problem::new(circuits, evses).unwrap()
        })
    })
}

fn circuit(index: usize) -> impl Strategy<Value = CircuitInput> {
    let parent = if index == 0 { Just(None).boxed() } else { (0..index).prop_map(Some).boxed() };
    let amps = || (0..200_000_i64).prop_map(MilliAmps);
    let max_current = option::weighted(0.6, [amps(), amps(), amps()]);
    let max_power = option::weighted(0.7, (0..250_000_i64).prop_map(W));
    (parent, max_power, max_current, load(), load()).prop_map(
        |(parent, max_power, max_current, unmanaged, reserved)| CircuitInput {
            parent,
            max_power,
            max_current,
            unmanaged,
            reserved,
        },
    )
}

fn load() -> impl Strategy<Value = Load> {
    option::weighted(0.2, (0..30_000_i64, phases())).prop_map(|load| {
        load.map_or_else(Load::default, |(watts, phases)| Load::from_power(W(watts), phases, 230))
    })
}

fn phases() -> impl Strategy<Value = Phases> {
    select(vec![Phases::ALL, Phases::ALL, Phases::L1, Phases::L2, Phases::L3, Phases::first(2).unwrap()])
}

fn evse(
    circuits: usize,
    steps: impl Strategy<Value = (i64, i64)> + 'static,
) -> impl Strategy<Value = EvseInput> {
    let ask = steps.prop_flat_map(|(milliamps, watts)| {
        prop_oneof![
            8 => (0..8_000_i64, 0..80_000_i64).prop_map(move |(min, max)| Ask::Current {
                min: MilliAmps(min),
                max: MilliAmps(max),
                step: MilliAmps(milliamps),
            }),
            8 => (0..12_000_i64, 0..150_000_i64).prop_map(move |(min, max)| Ask::Power {
                min: W(min),
                max: W(max),
                step: W(watts),
            }),
            1 => (0..32_000_i64).prop_map(|current| Ask::ReservedCurrent(MilliAmps(current))),
            1 => (0..22_000_i64).prop_map(|power| Ask::ReservedPower(W(power))),
        ]
    });
    (0..circuits, phases(), select(vec![120, 230, 277]), ask, 1..4_u8, 0..5_i64).prop_map(
        |(circuit, phases, voltage, ask, tier, laxity)| EvseInput {
            circuit,
            phases,
            voltage,
            ask,
            tier,
            laxity,
            service: Service::default(),
            tie_break: 0,
        },
    )
}

/// A permutation: new position → old position.
fn shuffled(count: usize, mut seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by_cached_key(|_| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        seed >> 20
    });
    order
}

fn place(order: &[usize], old: usize) -> usize {
    order.iter().position(|&from| from == old).unwrap()
}

fn rearranged(problem: &Problem, circuits: &[usize], evses: &[usize]) -> Problem {
    let tree = circuits.iter().map(|&from| {
        let circuit = problem.circuits()[from].clone();
        CircuitInput { parent: circuit.parent.map(|parent| place(circuits, parent)), ..circuit }
    });
    let asks = evses.iter().map(|&from| {
        let evse = problem.evses()[from].clone();
        EvseInput { circuit: place(circuits, evse.circuit), ..evse }
    });
    Problem::new(tree.collect(), asks.collect()).unwrap()
}
