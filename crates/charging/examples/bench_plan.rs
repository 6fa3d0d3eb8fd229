//! Times the plan for depots of growing size, with room to spare and without: 96 slots, a price for
//! every hour, a demand charge. Run by `cargo xtask bench plan`.

use std::time::{Duration, Instant};

use charging::plan::{
    CircuitRoom, Demand, Horizon, Plan, Problem, ProblemError, Settings, Tariff, deliverable, plan,
};
use kernel::{W, Wh};

const RUNS: usize = 5;
const SLOTS: usize = 96;
const MINUTES: u16 = 15;

fn main() -> Result<(), ProblemError> {
    println!(
        "{:>8} {:>8} {:>9} {:>12} {:>12} {:>12} {:>10} {:>8}",
        "vehicles", "circuits", "room", "feasible", "exact", "merged", "unmet", "slivers"
    );
    for (feeders, panels, groups, chargers) in [(2, 2, 1, 5), (4, 5, 1, 10), (8, 5, 5, 10)] {
        for percent in [60, 35, 20] {
            let problem = depot(feeders, panels, groups, chargers, percent)?;
            let (feasible, _) = timed(|| deliverable(&problem));
            let (exact, _) = timed(|| plan(&problem, Settings { merge_slivers: false }));
            let (merged, plan) = timed(|| plan(&problem, Settings::default()));
            println!(
                "{:>8} {:>8} {percent:>7} % {} {} {} {:>6.0} kWh {:>8}",
                problem.demands().len(),
                problem.circuits().len(),
                shown(feasible),
                shown(exact),
                shown(merged),
                unmet(&plan),
                plan.below_least,
            );
        }
    }
    Ok(())
}

/// The best of some runs.
#[expect(clippy::disallowed_methods, reason = "a measurement is about the machine's own time")]
fn timed<T>(work: impl Fn() -> T) -> (Duration, T) {
    let mut best = Duration::MAX;
    for _ in 1..RUNS {
        let start = Instant::now();
        std::hint::black_box(work());
        best = best.min(start.elapsed());
    }
    let start = Instant::now();
    let answer = work();
    (best.min(start.elapsed()), answer)
}

fn shown(time: Duration) -> String {
    format!("{:>9.2} ms", time.as_secs_f64() * 1000.0)
}

fn unmet(plan: &Plan) -> f64 {
    plan.shortfalls
        .iter()
        .map(|shortfall| shortfall.unmet.to_kilowatt_hours())
        .fold(0.0, |sum, unmet| sum + unmet)
}

/// A site with feeders, panels and groups below each other, and a vehicle over night at each
/// charger. Each circuit has a share of what its chargers could draw together.
fn depot(
    feeders: usize,
    panels: usize,
    groups: usize,
    chargers: usize,
    percent: i64,
) -> Result<Problem, ProblemError> {
    let mut dice = Dice(7);
    let mut parents = vec![None];
    let mut demands = Vec::new();
    for _ in 0..feeders {
        let feeder = below(&mut parents, 0);
        for _ in 0..panels {
            let panel = below(&mut parents, feeder);
            for _ in 0..groups {
                let group = if groups == 1 { panel } else { below(&mut parents, panel) };
                let strength = [22_000, 22_000, 60_000, 150_000][dice.below(4)];
                demands.extend((0..chargers).map(|_| vehicle(&mut dice, group, strength)));
            }
        }
    }
    let mut strength = vec![0; parents.len()];
    for demand in &demands {
        let mut at = Some(demand.circuit);
        while let Some(circuit) = at {
            strength[circuit] += demand.most[0].get();
            at = parents[circuit];
        }
    }
    let circuits = parents.iter().zip(strength).map(|(&parent, strength)| {
        let share = percent + i64::try_from(dice.below(10)).unwrap_or_default();
        // The nearer to the grid, the less of what hangs below draws at once.
        let share = if parent.is_none() { share * 2 / 3 } else { share };
        CircuitRoom { parent, room: vec![W(strength * share / 100); SLOTS] }
    });
    let circuits = circuits.collect();
    let hours: Vec<i64> =
        (0..24).map(|_| 120_000 + i64::try_from(dice.below(200_000)).unwrap_or_default()).collect();
    let tariff = Tariff {
        energy: (0..SLOTS).map(|slot| hours[slot / 4]).collect(),
        demand: 400_000,
        peak_so_far: W::ZERO,
        unmanaged: vec![W(10_000); SLOTS],
        target: None,
    };
    Problem::new(Horizon { slots: SLOTS, slot_minutes: MINUTES }, circuits, demands, tariff)
}

fn below(parents: &mut Vec<Option<usize>>, parent: usize) -> usize {
    parents.push(Some(parent));
    parents.len() - 1
}

fn vehicle(dice: &mut Dice, circuit: usize, strength: i64) -> Demand {
    let arrival = 10 + dice.below(36);
    let departure = 60 + dice.below(30);
    let most = W([strength / 3, strength / 2, strength][dice.below(3)]);
    let stay = i64::try_from(departure - arrival).unwrap_or_default();
    let full = most.get() * stay / 4;
    Demand {
        circuit,
        arrival,
        departure,
        tier: [1, 2, 2, 3, 3][dice.below(5)],
        need: Wh(full * (15 + i64::try_from(dice.below(60)).unwrap_or_default()) / 100),
        spare: Wh::ZERO,
        most: vec![most; departure - arrival],
        least: vec![W(if strength > 22_000 { 5_000 } else { 4_140 }); departure - arrival],
        battery: None,
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
