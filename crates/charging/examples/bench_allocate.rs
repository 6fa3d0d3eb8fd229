//! Times the allocation and a whole step of the control for depots of growing size: half AC and half
//! DC, three priority levels, circuits that bind at every depth. Run by `cargo xtask bench allocate`.

use std::{fs, time::Instant};

use charging::{
    Pace, PlanUse, Setpoint, SetpointReason, TierSource,
    allocation::{Ask, CircuitInput, EvseInput, Load, Phases, Problem, Service, allocate},
    control::{DepotView, EvseView, Steering, step},
};
use kernel::{DepotId, MilliAmps, OrganisationId, Timestamp, W, Wh};

/// So many runs are timed together: the processor's time is counted in hundredths of a second.
const RUNS: u32 = 400;

fn main() -> anyhow::Result<()> {
    println!(
        "{:>6} {:>9} {:>17} {:>14} {:>17} {:>14} {:>9}",
        "evses", "circuits", "allocate: wall", "CPU", "step: wall", "CPU", "growth"
    );
    let mut before: Option<(f64, f64)> = None;
    for (feeders, panels, groups, evses) in [(2, 2, 1, 5), (4, 5, 1, 10), (8, 5, 5, 10), (8, 10, 10, 25)] {
        let problem = depot(feeders, panels, groups, evses)?;
        let view = seen(&problem);
        let allocation = timed(|| drop(std::hint::black_box(allocate(std::hint::black_box(&problem)))))?;
        let mut failed = 0;
        let whole = timed(|| failed += u32::from(step(std::hint::black_box(&view)).is_err()))?;
        anyhow::ensure!(failed == 0, "a step failed");
        // The exponent: 1 where twice the chargers take twice as long.
        let size = f64::from(u32::try_from(problem.evses().len())?);
        let growth = before.map_or("-".to_owned(), |(size_before, wall_before)| {
            format!("n^{:.2}", (whole.wall / wall_before).ln() / (size / size_before).ln())
        });
        before = Some((size, whole.wall));
        println!(
            "{:>6} {:>9} {:>14.3} ms {:>11.3} ms {:>14.3} ms {:>11.3} ms {growth:>9}",
            problem.evses().len(),
            problem.circuits().len(),
            allocation.wall,
            allocation.processor,
            whole.wall,
            whole.processor,
        );
    }
    Ok(())
}

/// Milliseconds of one run, on average.
struct Times {
    wall: f64,
    processor: f64,
}

#[expect(clippy::disallowed_methods, reason = "a measurement is about the machine's own time")]
fn timed(mut run: impl FnMut()) -> anyhow::Result<Times> {
    let (begun, spent) = (Instant::now(), processor_seconds()?);
    (0..RUNS).for_each(|_| run());
    let each = |seconds: f64| seconds * 1_000.0 / f64::from(RUNS);
    let wall = begun.elapsed().as_secs_f64();
    Ok(Times { wall: each(wall), processor: each(processor_seconds()? - spent) })
}

/// What this process has used of its processors, as Linux counts it.
fn processor_seconds() -> anyhow::Result<f64> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    // The name of the program may hold spaces, and ends with the last bracket.
    let numbers = stat.rsplit(')').next().unwrap_or_default();
    let ticks = numbers.split_whitespace().skip(11).take(2).map(str::parse::<f64>);
    Ok(ticks.collect::<Result<Vec<f64>, _>>()?.iter().sum::<f64>() / 100.0)
}

/// The depot in the middle of its work: everybody was told something, not yet what it should have.
fn seen(problem: &Problem) -> DepotView {
    let (organisation, home) = (OrganisationId::from_uuid(id(1)), DepotId::from_uuid(id(2)));
    let evses = problem.evses().iter().enumerate().map(|(index, evse)| {
        let (steering, min, demand) = match evse.ask {
            Ask::Current { min, max, .. } => (Steering::Current, power(evse, min), power(evse, max)),
            Ask::Power { min, max, .. } => (Steering::Power, min, max),
            Ask::ReservedPower(_) | Ask::ReservedCurrent(_) => (Steering::Power, W::ZERO, W::ZERO),
        };
        let number = 10 + index as u128;
        let mut setpoint =
            Setpoint::unset(id(number).into(), organisation, home, id(1_000_000 + number).into());
        setpoint.confirmed = Some(if index.is_multiple_of(3) { W::ZERO } else { min });
        EvseView {
            circuit: evse.circuit,
            phases: evse.phases,
            voltage: evse.voltage,
            steering,
            min,
            unlimited: demand,
            demand,
            ask: demand,
            bounded_by: SetpointReason::VehicleLimit,
            service: Service::default(),
            tier: evse.tier,
            tier_source: TierSource::NotCharging,
            laxity: evse.laxity,
            idle: false,
            received: Wh::ZERO,
            binding: None,
            plan: None,
            over: None,
            online: true,
            measured: None,
            settled: None,
            resumed: false,
            setpoint,
        }
    });
    DepotView {
        now: Timestamp::UNIX_EPOCH,
        controlled: true,
        pace: Pace::default(),
        plan_use: PlanUse::NotWanted,
        circuits: problem.circuits().to_vec(),
        evses: evses.collect(),
    }
}

fn id(number: u128) -> uuid::Uuid {
    uuid::Uuid::from_u128(number)
}

fn power(evse: &EvseInput, current: MilliAmps) -> W {
    Load::from_current(current, evse.phases, evse.voltage).power
}

/// A site with feeders, panels and groups below each other, and EVSEs on the groups.
fn depot(feeders: usize, panels: usize, groups: usize, evses: usize) -> anyhow::Result<Problem> {
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
    Ok(Problem::new(circuits, asks)?)
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
