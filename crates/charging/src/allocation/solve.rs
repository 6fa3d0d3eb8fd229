//! The allocation itself: reserve, admit, raise tier by tier, explain.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::{
    fill::{Member, rises},
    links::{Links, circuit_use, reserve},
    outcome::{Allocation, EvseAllocation, Reason},
    problem::Problem,
    scale::Scale,
};

/// Setpoints for every EVSE of a depot. Pure and deterministic; the order of circuits and EVSEs
/// does not matter where `tie_break`s differ.
///
/// 1. Offline EVSEs are reserved for, unmanaged loads and reserves deducted.
/// 2. EVSEs are admitted at their minimum in the order (tier, laxity, tie-break) while it fits.
/// 3. Tier by tier the admitted ones are raised together, max-min fair in current per phase,
///    rounded down to whole steps, and what rounding left is handed out step by step, to the
///    lowest first.
///
/// No circuit is above its limit afterwards unless unmanaged loads and reserves alone are.
/// Time is O(links of all EVSEs × log) for each tier.
pub fn allocate(problem: &Problem) -> Allocation {
    let mut links = Links::new(problem);
    let mut reasons = vec![Reason::NotCharging; problem.evses().len()];
    let mut tiers = admit(problem, &mut links, &mut reasons);
    let mut given: Vec<_> = problem.evses().iter().map(|evse| reserve(evse).unwrap_or_default()).collect();
    for tier in &mut tiers {
        raise(&mut links, tier);
        for member in tier {
            given[member.evse] = member.scale.setpoint(member.value);
            reasons[member.evse] = explain(&links, member);
        }
    }
    let circuits = circuit_use(problem, given.iter().copied());
    let evses = given
        .into_iter()
        .zip(reasons)
        .map(|((current, power), reason)| EvseAllocation { current, power, reason })
        .collect();
    Allocation { evses, circuits }
}

/// Those whose minimum fits, most important first, grouped by tier. The others get their reason.
fn admit(problem: &Problem, links: &mut Links, reasons: &mut [Reason]) -> Vec<Vec<Member>> {
    let evses = problem.evses();
    let mut order: Vec<usize> = (0..evses.len()).collect();
    order.sort_unstable_by_key(|&index| {
        let evse = &evses[index];
        (evse.tier, evse.laxity, evse.tie_break, index)
    });
    let mut tiers: Vec<Vec<Member>> = Vec::new();
    let mut last_tier = None;
    for evse in order {
        let Some(scale) = Scale::of(&evses[evse]) else {
            reasons[evse] = Reason::OfflineReserve;
            continue;
        };
        if scale.max <= 0 {
            continue;
        }
        if scale.max < scale.min {
            reasons[evse] = Reason::DemandBelowMinimum;
            continue;
        }
        let minimum = scale.amount(scale.min);
        if let Some(hop) = links.blocked(evse, minimum) {
            reasons[evse] = Reason::BelowMinimum(hop.circuit());
            continue;
        }
        links.take(evse, minimum);
        if last_tier.replace(evses[evse].tier) != Some(evses[evse].tier) {
            tiers.push(Vec::new());
        }
        if let Some(tier) = tiers.last_mut() {
            tier.push(Member { evse, scale, value: scale.min });
        }
    }
    tiers
}

/// Raises the members of one tier, which are in their order of admission.
fn raise(links: &mut Links, tier: &mut [Member]) {
    let rises = rises(links, tier);
    let mut losses = Vec::with_capacity(tier.len());
    for (member, rise) in tier.iter_mut().zip(rises) {
        let target = member.scale.level(member.value) + rise;
        let growth = member.scale.growth(member.value, rise);
        grow(links, member, growth);
        losses.push(target - member.scale.level(member.value));
    }
    hand_out(links, tier, &losses);
}

/// Whole steps to the lowest first; among equals to those with the fewest links to share, so that
/// more of them get one, then to whom rounding took most.
///
/// Those with fine steps are given many at once, about as much as one of the coarsest, and fewer
/// when that does not fit: nobody falls behind because of the size of its steps.
fn hand_out(links: &mut Links, tier: &mut [Member], losses: &[i64]) {
    let coarsest = tier.iter().map(|member| member.scale.level(member.scale.step)).max().unwrap_or_default();
    let mut chunks: Vec<i64> = tier.iter().map(|member| member.scale.steps_within(coarsest)).collect();
    let entry = |links: &Links, tier: &[Member], index: usize| {
        let member: &Member = &tier[index];
        Reverse((member.scale.level(member.value), links.hops(member.evse).len(), -losses[index], index))
    };
    let mut queue: BinaryHeap<_> = (0..tier.len()).map(|index| entry(links, tier, index)).collect();
    while let Some(Reverse((.., index))) = queue.pop() {
        let member = &mut tier[index];
        let chunk = chunks[index].min(member.scale.max - member.value);
        if chunk < member.scale.step {
            continue;
        }
        if links.blocked(member.evse, member.more(chunk)).is_none() {
            grow(links, member, chunk);
        } else if chunk > member.scale.step {
            chunks[index] = member.scale.half(chunk);
        } else {
            continue;
        }
        queue.push(entry(links, tier, index));
    }
}

fn grow(links: &mut Links, member: &mut Member, by: i64) {
    links.take(member.evse, member.more(by));
    member.value += by;
}

fn explain(links: &Links, member: &Member) -> Reason {
    let step = member.scale.step;
    if member.value + step > member.scale.max {
        return Reason::DemandMet;
    }
    let blocked = links.blocked(member.evse, member.more(step));
    blocked.map_or(Reason::DemandMet, |hop| Reason::CircuitLimit(hop.circuit()))
}

#[cfg(test)]
mod tests {
    use kernel::{MilliAmps, W};

    use super::*;
    use crate::allocation::{Ask, CircuitInput, EvseInput, Load, Phases, ProblemError};

    fn circuit(parent: Option<usize>, watts: i64) -> CircuitInput {
        CircuitInput { parent, max_power: Some(W(watts)), ..CircuitInput::default() }
    }

    fn evse(circuit: usize, tier: u8, ask: Ask) -> EvseInput {
        EvseInput { circuit, phases: Phases::ALL, voltage: 230, ask, tier, laxity: 0, tie_break: 0 }
    }

    fn dc(watts: i64) -> Ask {
        Ask::Power { min: W(5_000), max: W(watts), step: W(1) }
    }

    fn ac(amps: i64) -> Ask {
        Ask::Current { min: MilliAmps(6_000), max: MilliAmps(amps * 1000), step: MilliAmps(1000) }
    }

    fn solve(circuits: Vec<CircuitInput>, evses: Vec<EvseInput>) -> Vec<(i64, Reason)> {
        let allocation = allocate(&Problem::new(circuits, evses).unwrap());
        allocation.evses.iter().map(|evse| (evse.power.get(), evse.reason)).collect()
    }

    #[test]
    fn enough_for_all_gives_all_what_they_ask() {
        let given = solve(vec![circuit(None, 100_000)], vec![evse(0, 5, dc(50_000)), evse(0, 5, dc(50_000))]);
        assert_eq!(given, [(50_000, Reason::DemandMet), (50_000, Reason::DemandMet)]);
    }

    #[test]
    fn a_child_circuit_binds_and_its_share_goes_to_the_others() {
        let circuits = vec![circuit(None, 100_000), circuit(Some(0), 30_000)];
        let given = solve(circuits, vec![evse(1, 5, dc(50_000)), evse(0, 5, dc(90_000))]);
        assert_eq!(given, [(30_000, Reason::CircuitLimit(1)), (70_000, Reason::CircuitLimit(0))]);
    }

    #[test]
    fn a_more_important_tier_is_raised_first_but_minimums_come_before() {
        let given = solve(vec![circuit(None, 60_000)], vec![evse(0, 1, dc(80_000)), evse(0, 9, dc(80_000))]);
        assert_eq!(given, [(55_000, Reason::CircuitLimit(0)), (5_000, Reason::CircuitLimit(0))]);
    }

    #[test]
    fn without_room_for_a_minimum_the_least_important_is_off() {
        let given = solve(vec![circuit(None, 8_000)], vec![evse(0, 9, dc(80_000)), evse(0, 1, ac(16))]);
        assert_eq!(given, [(0, Reason::BelowMinimum(0)), (7_590, Reason::CircuitLimit(0))]);
    }

    #[test]
    fn offline_chargers_and_unmanaged_loads_come_off_first() {
        let mut root = circuit(None, 40_000);
        root.unmanaged = Load::from_power(W(10_000), Phases::ALL, 230);
        let offline = evse(0, 5, Ask::ReservedPower(W(10_000)));
        let allocation = allocate(&Problem::new(vec![root], vec![offline, evse(0, 5, dc(80_000))]).unwrap());
        assert_eq!(
            (allocation.evses[0].power, allocation.evses[0].reason),
            (W(10_000), Reason::OfflineReserve)
        );
        assert_eq!(
            (allocation.evses[1].power, allocation.evses[1].reason),
            (W(20_000), Reason::CircuitLimit(0))
        );
        assert_eq!(allocation.circuits[0].managed.power, W(30_000));
        assert_eq!(allocation.circuits[0].unmanaged.power, W(10_000));
    }

    #[test]
    fn one_full_phase_stops_only_those_on_it() {
        let amps = |amps: i64| MilliAmps(amps * 1000);
        let root =
            CircuitInput { max_current: Some([amps(10), amps(32), amps(32)]), ..CircuitInput::default() };
        let one = EvseInput { phases: Phases::L1, ..evse(0, 5, ac(32)) };
        let other = EvseInput { phases: Phases::L2, ..evse(0, 5, ac(20)) };
        let allocation = allocate(&Problem::new(vec![root], vec![one, other]).unwrap());
        assert_eq!(allocation.evses[0].current, amps(10));
        assert_eq!(allocation.evses[0].reason, Reason::CircuitLimit(0));
        assert_eq!((allocation.evses[1].current, allocation.evses[1].power), (amps(20), W(4_600)));
    }

    #[test]
    fn what_coarse_steps_leave_goes_to_the_fine() {
        let given = solve(vec![circuit(None, 20_000)], vec![evse(0, 5, ac(32)), evse(0, 5, dc(80_000))]);
        assert_eq!(given.iter().map(|given| given.0).sum::<i64>(), 20_000);
        assert!(given[0].0.abs_diff(given[1].0) <= 690, "{given:?}");
    }

    #[test]
    fn a_demand_below_its_own_minimum_is_off_and_says_so() {
        let given = solve(vec![circuit(None, 20_000)], vec![evse(0, 5, dc(4_000)), evse(0, 5, dc(0))]);
        assert_eq!(given, [(0, Reason::DemandBelowMinimum), (0, Reason::NotCharging)]);
    }

    #[test]
    fn no_tree_is_refused() {
        let problem = |circuits, evses| Problem::new(circuits, evses).map(|_| ());
        let cycle = vec![circuit(None, 1), circuit(Some(2), 1), circuit(Some(1), 1), circuit(Some(2), 1)];
        assert!(matches!(problem(cycle, vec![]), Err(ProblemError::Cycle { circuit: 1 | 2 })));
        let lost = vec![circuit(Some(4), 1)];
        assert_eq!(
            problem(lost, vec![]),
            Err(ProblemError::UnknownParent { circuit: 0, parent: 4, count: 1 })
        );
        let lost = problem(vec![circuit(None, 1)], vec![evse(1, 5, dc(1))]);
        assert_eq!(lost, Err(ProblemError::UnknownCircuit { evse: 0, circuit: 1, count: 1 }));
        assert!(matches!(problem(vec![circuit(None, -1)], vec![]), Err(ProblemError::CircuitValue { .. })));
        let stuck = Ask::Power { min: W(0), max: W(1), step: W(0) };
        let stuck = problem(vec![circuit(None, 1)], vec![evse(0, 5, stuck)]);
        assert!(matches!(stuck, Err(ProblemError::EvseValue { field: "step", .. })));
    }
}
