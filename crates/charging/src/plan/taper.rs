//! Batteries that take less as they fill: capacities and plan are settled by turns.
//!
//! How much a vehicle may draw in a slot depends on what it drew before, which no flow can say. So a
//! plan is made, the state of charge along it gives each slot a new capacity, and a plan is made
//! again. Capacities only fall, so this settles; the best of the plans, cut to their curves, is taken.

use kernel::Wh;

use super::{
    outcome::{NEGLIGIBLE, Plan, Shortfall, WattMinutes},
    problem::{Demand, Problem},
    solve::finished,
};

/// Plans at most.
const MOST_ROUNDS: usize = 12;

/// Plans until every vehicle follows its curve, as long as it gets better. `exact` plans without,
/// `last` with all that is wished for.
pub(crate) fn settled(
    problem: &Problem,
    exact: impl Fn(&Problem) -> Plan,
    last: impl Fn(&Problem) -> Plan,
) -> Plan {
    if problem.demands.iter().all(|demand| demand.battery.is_none()) {
        return last(problem);
    }
    let mut now = problem.clone();
    let mut best: Option<(Vec<i64>, i64, Problem)> = None;
    for _ in 0..MOST_ROUNDS {
        let tried = now.clone();
        let (plan, changed) = follow(problem, &mut now, exact(&tried));
        let unmet = unmet_by_tier(problem, &plan);
        let cost = plan.bill.energy.saturating_add(plan.bill.demand);
        let better = best.as_ref().is_none_or(|(least, low, _)| (&unmet, cost) <= (least, *low));
        if better {
            best = Some((unmet, cost, tried));
        }
        if !changed {
            break;
        }
    }
    let best = best.map_or_else(|| problem.clone(), |(_, _, best)| best);
    follow(problem, &mut now, last(&best)).0
}

/// Cuts a plan to the curves, and gives `now` the capacities along it. Whether anything was cut.
fn follow(problem: &Problem, now: &mut Problem, mut plan: Plan) -> (Plan, bool) {
    let minutes = i64::from(problem.horizon.slot_minutes);
    let mut changed = false;
    for (at, demand) in problem.demands.iter().enumerate() {
        let Some(battery) = &demand.battery else { continue };
        let mut taken = 0;
        for (offset, slot) in (demand.arrival..demand.departure).enumerate() {
            let soc = battery.charged(Wh(taken / 60));
            let most = battery.most_at(soc).map_or(demand.most[offset], |most| most.min(demand.most[offset]));
            let energy = &mut plan.energy[at][slot].0;
            changed |= *energy > most.get() * minutes;
            *energy = (*energy).min(most.get() * minutes);
            taken += *energy;
            now.demands[at].most[offset] = most.min(now.demands[at].most[offset]);
        }
    }
    if !changed {
        return (plan, false);
    }
    let shortfalls = missing(problem, &plan);
    (finished(problem, plan.energy, shortfalls), true)
}

/// Shortfalls after a cut: what was explained before stays explained, the rest is the curve's.
fn missing(problem: &Problem, plan: &Plan) -> Vec<Shortfall> {
    let short = problem.demands.iter().enumerate().filter_map(|(at, demand)| {
        let unmet = unmet(demand, &plan.energy[at]);
        if unmet < NEGLIGIBLE.get() * 60 {
            return None;
        }
        let known = plan.shortfalls.iter().find(|shortfall| shortfall.demand == at);
        let beyond = known.map_or(0, |known| known.beyond_power.0 + unmet - known.unmet.0);
        let beyond = if known.is_some() { beyond } else { unmet };
        Some(Shortfall {
            demand: at,
            unmet: WattMinutes(unmet),
            beyond_power: WattMinutes(beyond.clamp(0, unmet)),
            binding: known.map(|known| known.binding.clone()).unwrap_or_default(),
        })
    });
    short.collect()
}

fn unmet(demand: &Demand, energy: &[WattMinutes]) -> i64 {
    (demand.need.get() * 60 - energy.iter().map(|energy| energy.0).sum::<i64>()).max(0)
}

/// The most important tier first.
fn unmet_by_tier(problem: &Problem, plan: &Plan) -> Vec<i64> {
    let mut by_tier = std::collections::BTreeMap::new();
    for (demand, energy) in problem.demands.iter().zip(&plan.energy) {
        *by_tier.entry(demand.tier).or_default() += unmet(demand, energy);
    }
    by_tier.into_values().collect()
}
