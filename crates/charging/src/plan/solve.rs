//! The whole plan, one step after another.

use kernel::W;

use super::{
    augment::Augmenter,
    minimum,
    network::Network,
    outcome::{Plan, PlanBill, TargetKept, WattMinutes},
    peak,
    price::Market,
    problem::Problem,
    shortfall, taper,
    tiers::fill_tiers,
};

/// How a plan is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Whether slots below a charger's least are merged into fewer ones.
    pub merge_slivers: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { merge_slivers: true }
    }
}

/// The best plan: first the least unmet energy, tier by tier, then the least cost of energy and
/// peak. There is always one; what it cannot deliver is among its shortfalls.
pub fn plan(problem: &Problem, settings: Settings) -> Plan {
    let exact = Settings { merge_slivers: false };
    taper::settled(problem, |problem| solve(problem, exact), |problem| solve(problem, settings))
}

/// What each tier can be given, the most important first: all that is needed to know whether a
/// problem is feasible.
pub fn deliverable(problem: &Problem) -> Vec<WattMinutes> {
    let mut network = Network::new(problem);
    keep_target(problem, &mut network);
    let mut augmenter = Augmenter::new(&network);
    fill_tiers(&mut network, &mut augmenter).into_iter().map(WattMinutes).collect()
}

fn solve(problem: &Problem, settings: Settings) -> Plan {
    let mut network = Network::new(problem);
    let targeted = keep_target(problem, &mut network);
    let mut augmenter = Augmenter::new(&network);
    let totals = fill_tiers(&mut network, &mut augmenter);
    let market = Market::new(problem, &network, totals);
    let mut best = peak::cheapest(problem, &market, &mut network, &mut augmenter);
    let network = &mut best.network;
    for slot in 0..network.slots {
        network.set_room(network.tree.site, slot, market.room_at(best.bill.peak, slot).0);
    }
    market.earn(problem, network, &mut augmenter, best.bill.peak);
    for slot in 0..network.slots {
        network.set_room(network.tree.site, slot, market.room_at(best.bill.peak, slot).0);
    }
    if settings.merge_slivers {
        minimum::merge(problem, network);
    }
    // Which way a demand misses energy, all slots being open.
    for slot in 0..network.slots {
        network.set_room(network.tree.site, slot, market.room_at(i64::MAX, slot).0);
    }
    let shortfalls = shortfall::explain(problem, network, &targeted);
    let energy = |demand: usize| {
        let flows = &network.flow[demand * network.slots..][..network.slots];
        flows.iter().copied().map(WattMinutes).collect()
    };
    let energy = (0..network.asks.len()).map(energy).collect();
    finished(problem, energy, shortfalls)
}

/// Where the target for the peak must hold, it is a limit like any other. Tells the slots in which
/// it is the lower one.
fn keep_target(problem: &Problem, network: &mut Network) -> Vec<bool> {
    let Some(target) = problem.tariff.target.filter(|target| !target.may_be_broken) else {
        return vec![false; network.slots];
    };
    let minutes = i64::from(problem.horizon.slot_minutes);
    let site = network.tree.site;
    let lower = |(slot, unmanaged): (usize, &W)| {
        let room = (target.peak - *unmanaged).at_least_zero().get() * minutes;
        let is_lower = room < network.room[site * network.slots + slot];
        if is_lower {
            network.set_room(site, slot, room);
        }
        is_lower
    };
    problem.tariff.unmanaged.iter().enumerate().map(lower).collect()
}

/// Adds up what a plan costs.
pub(crate) fn finished(
    problem: &Problem,
    energy: Vec<Vec<WattMinutes>>,
    shortfalls: Vec<super::outcome::Shortfall>,
) -> Plan {
    let minutes = i64::from(problem.horizon.slot_minutes);
    let mut total = vec![0; problem.horizon.slots];
    for slots in &energy {
        slots.iter().zip(&mut total).for_each(|(energy, total)| *total += energy.0);
    }
    let tariff = &problem.tariff;
    let cost: i128 =
        total.iter().zip(&tariff.energy).map(|(flow, price)| i128::from(*flow) * i128::from(*price)).sum();
    let peaks = total.iter().zip(&tariff.unmanaged);
    let peak = peaks.map(|(flow, load)| W((flow + minutes - 1).div_euclid(minutes)) + *load).max();
    let peak = peak.unwrap_or_default();
    let charged = |from: W| {
        let excess = i128::from((peak - from).at_least_zero().get());
        i64::try_from(excess * i128::from(tariff.demand) / 1000).unwrap_or(i64::MAX)
    };
    let bill = PlanBill {
        energy: i64::try_from(cost.div_euclid(60_000)).unwrap_or(if cost < 0 { i64::MIN } else { i64::MAX }),
        demand: charged(tariff.peak_so_far),
        peak,
    };
    let target = tariff.target.map(|target| TargetKept {
        target: target.peak,
        excess: (peak - target.peak).at_least_zero(),
        cost: charged(target.peak.max(tariff.peak_so_far)),
    });
    let below_least = below_least(problem, &energy);
    Plan { energy, shortfalls, bill, target, below_least }
}

fn below_least(problem: &Problem, energy: &[Vec<WattMinutes>]) -> usize {
    let minutes = i64::from(problem.horizon.slot_minutes);
    let slots = problem.demands.iter().zip(energy).flat_map(|(demand, slots)| {
        let least = |slot| demand.least_in(slot).get() * minutes;
        slots.iter().enumerate().filter(move |(slot, energy)| (1..least(*slot)).contains(&energy.0))
    });
    slots.count()
}
