//! Times the allocation for depots of growing size: half AC and half DC, three priority levels,
//! circuits that bind at every depth. Run by `cargo xtask bench allocate`.

use std::time::{Duration, Instant};

use charging::allocation::{
    Ask, CircuitInput, EvseInput, Load, Phases, Problem, ProblemError, Service, allocate,
};
use kernel::{MilliAmps, W};

const RUNS: u32 = 200;

fn main() -> Result<(), ProblemError> {
    println!(
        "{:>6} {:>9} {:>12} {:>12} {:>10} {:>8}",
        "evses", "circuits", "median", "best", "given", "full"
    );
    for (feeders, panels, groups, evses) in [(2, 2, 1, 5), (4, 5, 1, 10), (8, 5, 5, 10), (8, 10, 10, 25)] {
        let problem = depot(feeders, panels, groups, evses)?;
        let mut times: Vec<Duration> = (0..RUNS).map(|_| timed(&problem)).collect();
        times.sort_unstable();
        let allocation = allocate(&problem);
        let given: W = allocation.evses.iter().map(|evse| evse.power).sum();
        let full = allocation.evses.iter().filter(|evse| evse.reason.binding_circuit().is_none()).count();
        println!(
            "{:>6} {:>9} {:>9.3} ms {:>9.3} ms {:>7.0} kW {full:>8}",
            problem.evses().len(),
            problem.circuits().len(),
            times[times.len() / 2].as_secs_f64() * 1000.0,
            times[0].as_secs_f64() * 1000.0,
            given.to_kilo(),
        );
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a measurement is about the machine's own time")]
fn timed(problem: &Problem) -> Duration {
    let start = Instant::now();
    std::hint::black_box(allocate(std::hint::black_box(problem)));
    start.elapsed()
}

/// A site with feeders, panels and groups below each other, and EVSEs on the groups.
fn depot(feeders: usize, panels: usize, groups: usize, evses: usize) -> Result<Problem, ProblemError> {
    let mut dice = Dice(7);
    let mut circuits = vec![CircuitInput::default()];
    let mut places = Vec::new();
    for _ in 0..feeders {
        let feeder = below(&mut circuits, 0);
        for _ in 0..panels {
            let panel = below(&mut circuits, feeder);
            for _ in 0..groups {
                let group = if groups == 1 { panel } else { below(&mut circuits, panel) };
                places.extend(std::iter::repeat_n(group, evses));
            }
        }
    }
    let asks: Vec<EvseInput> =
        places.iter().enumerate().map(|(index, &circuit)| evse(&mut dice, index, circuit)).collect();
    limit(&mut dice, &mut circuits, &asks);
    Problem::new(circuits, asks)
}

fn below(circuits: &mut Vec<CircuitInput>, parent: usize) -> usize {
    circuits.push(CircuitInput { parent: Some(parent), ..CircuitInput::default() });
    circuits.len() - 1
}

fn evse(dice: &mut Dice, index: usize, circuit: usize) -> EvseInput {
    let (phases, ask) = if index.is_multiple_of(2) {
        let phases = [Phases::ALL, Phases::ALL, Phases::L1, Phases::L2, Phases::L3][dice.below(5)];
        let max = MilliAmps([16_000, 20_000, 32_000][dice.below(3)]);
        (phases, Ask::Current { min: MilliAmps(6_000), max, step: MilliAmps(1_000) })
    } else {
        let max = W([40_000, 60_000, 100_000, 150_000][dice.below(4)]);
        (Phases::ALL, Ask::Power { min: W(5_000), max, step: W(100) })
    };
    let tier = [1, 5, 5, 5, 9][dice.below(5)];
    let laxity = i64::try_from(dice.below(36_000)).unwrap_or_default();
    EvseInput {
        circuit,
        phases,
        voltage: 230,
        ask,
        tier,
        laxity,
        service: Service::default(),
        tie_break: index as u128,
    }
}

/// Gives every circuit a share of what is asked for below it, as power and as current.
fn limit(dice: &mut Dice, circuits: &mut [CircuitInput], evses: &[EvseInput]) {
    let mut asked = vec![W::ZERO; circuits.len()];
    for evse in evses {
        let power = match evse.ask {
            Ask::Current { max, .. } => Load::from_current(max, evse.phases, evse.voltage).power,
            Ask::Power { max, .. } | Ask::ReservedPower(max) => max,
            Ask::ReservedCurrent(max) => Load::from_current(max, evse.phases, evse.voltage).power,
        };
        let mut at = Some(evse.circuit);
        while let Some(circuit) = at {
            asked[circuit] += power;
            at = circuits[circuit].parent;
        }
    }
    for (circuit, asked) in circuits.iter_mut().zip(asked) {
        let percent = i64::try_from(50 + dice.below(40)).unwrap_or_default();
        let power = W(asked.get() * percent / 100);
        circuit.max_power = Some(power);
        circuit.max_current = Some(Load::from_power(power, Phases::ALL, 230).current);
    }
}

/// A small generator of its own, so that every machine measures the same depots.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % sides
    }
}
