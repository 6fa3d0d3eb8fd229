//! The allocation itself: reserve, admit, raise tier by tier, explain.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::{
    fill::{Member, rises},
    links::{Links, circuit_use, reserve},
    outcome::{Allocation, EvseAllocation, Reason},
    problem::{EvseInput, Problem, Round, Service},
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
/// The last two are done [round](Round) by round. No circuit is above its limit afterwards unless
/// unmanaged loads and reserves alone are. Time is O(links of all EVSEs × log) for each tier.
pub fn allocate(problem: &Problem) -> Allocation {
    let mut links = Links::new(problem);
    let wishes: Vec<Option<Wish>> = problem.evses().iter().map(Wish::of).collect();
    let mut reasons = first_reasons(&wishes);
    let order = order(problem);
    let mut given: Vec<_> = problem.evses().iter().map(|evse| reserve(evse).unwrap_or_default()).collect();
    let mut on: Vec<Option<Member>> = vec![None; problem.evses().len()];
    for round in Round::ALL {
        admit(problem, &wishes, &order, round, (&mut links, &mut on, &mut reasons));
        let rising = order.iter().filter_map(|&evse| {
            let (member, most) = (on[evse]?, wishes[evse]?.most_in(round)?);
            let scale = member.scale.capped(most);
            (most > member.value || reasons[evse] == Reason::NotCharging)
                .then_some(Member { scale, ..member })
        });
        let rising: Vec<Member> = rising.collect();
        for tier in rising.chunk_by(|a, b| problem.evses()[a.evse].tier == problem.evses()[b.evse].tier) {
            let mut tier = tier.to_vec();
            raise(&mut links, &mut tier);
            for member in tier {
                let Some(whole) = &mut on[member.evse] else { continue };
                whole.value = member.value;
                given[member.evse] = whole.scale.setpoint(whole.value);
                reasons[member.evse] = explain(&links, whole);
            }
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

/// What an EVSE asks for, by rounds.
#[derive(Clone, Copy)]
struct Wish {
    scale: Scale,
    /// What it is to have in the usual round, where that is not all.
    planned: Option<i64>,
    round: Round,
    insists: bool,
}

impl Wish {
    /// `None` for an EVSE that is reserved for.
    fn of(evse: &EvseInput) -> Option<Self> {
        let scale = Scale::of(evse)?;
        let Service { planned, round, insists } = evse.service;
        let planned = planned.filter(|_| round > Round::Usual).map(|power| scale.up_to(power).max);
        Some(Self { scale, planned: planned.filter(|most| *most > 0), round, insists })
    }

    /// The round it is admitted in.
    fn enters(self) -> Round {
        if self.planned.is_some() { Round::Usual } else { self.round }
    }

    /// Up to where it is raised in a round; `None` where it is not.
    fn most_in(self, round: Round) -> Option<i64> {
        match round == self.round {
            true => Some(self.scale.max),
            false => self.planned.filter(|_| round == Round::Usual),
        }
    }
}

fn first_reasons(wishes: &[Option<Wish>]) -> Vec<Reason> {
    let reason = |wish: &Option<Wish>| match wish {
        None => Reason::OfflineReserve,
        Some(wish) if wish.scale.max > 0 && wish.scale.max < wish.scale.min => Reason::DemandBelowMinimum,
        Some(_) => Reason::NotCharging,
    };
    wishes.iter().map(reason).collect()
}

/// Most important first.
fn order(problem: &Problem) -> Vec<usize> {
    let evses = problem.evses();
    let mut order: Vec<usize> = (0..evses.len()).collect();
    order.sort_unstable_by_key(|&index| {
        let evse = &evses[index];
        (evse.tier, evse.laxity, evse.tie_break, index)
    });
    order
}

/// Admits those of a round whose minimum fits. The others get their reason.
fn admit(
    problem: &Problem,
    wishes: &[Option<Wish>],
    order: &[usize],
    round: Round,
    (links, on, reasons): (&mut Links, &mut [Option<Member>], &mut [Reason]),
) {
    let tier = |evse: usize| problem.evses()[evse].tier;
    for tier in order.chunk_by(|a, b| tier(*a) == tier(*b)) {
        let mut kept_free = Vec::new();
        for &evse in tier {
            let Some(wish) = wishes[evse].filter(|wish| wish.enters() == round) else { continue };
            let scale = wish.scale;
            if scale.max <= 0 || scale.max < scale.min {
                continue;
            }
            let minimum = scale.amount(scale.min);
            match links.blocked(evse, minimum) {
                None => {
                    links.take(evse, minimum);
                    on[evse] = Some(Member { evse, scale, value: scale.min });
                }
                Some(hop) => {
                    reasons[evse] = Reason::BelowMinimum(hop.circuit());
                    if wish.insists {
                        links.take(evse, minimum);
                        kept_free.push((evse, minimum));
                    }
                }
            }
        }
        for (evse, minimum) in kept_free {
            links.give_back(evse, minimum);
        }
    }
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
        EvseInput {
            circuit,
            phases: Phases::ALL,
            voltage: 230,
            ask,
            tier,
            laxity: 0,
            service: Service::default(),
            tie_break: 0,
        }
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

    fn served(mut evse: EvseInput, service: Service) -> EvseInput {
        evse.service = service;
        evse
    }

    #[test]
    fn what_is_planned_comes_first_and_spare_room_last() {
        let planned = Service { planned: Some(W(20_000)), round: Round::Spare, ..Service::default() };
        let behind = Service { planned: Some(W(20_000)), round: Round::Behind, ..Service::default() };
        let unknown = Service { round: Round::Behind, ..Service::default() };
        let yard = |watts| {
            let evses = vec![
                served(evse(0, 5, dc(50_000)), planned),
                served(evse(0, 9, dc(50_000)), behind),
                served(evse(0, 1, dc(30_000)), unknown),
            ];
            solve(vec![circuit(None, watts)], evses).iter().map(|given| given.0).collect::<Vec<_>>()
        };
        // The plan of the least important comes before the wish of whom no plan knows.
        assert_eq!(yard(42_000), [20_000, 22_000, 0]);
        assert_eq!(yard(60_000), [20_000, 20_000, 20_000]);
        assert_eq!(yard(110_000), [30_000, 50_000, 30_000]);
    }

    #[test]
    fn a_boost_comes_before_the_minimums_of_others() {
        let boost = Service { round: Round::Boost, ..Service::default() };
        let evses = vec![evse(0, 1, dc(50_000)), served(evse(0, 9, dc(38_000)), boost)];
        let given = solve(vec![circuit(None, 40_000)], evses);
        assert_eq!(given, [(0, Reason::BelowMinimum(0)), (38_000, Reason::DemandMet)]);
    }

    #[test]
    fn who_insists_keeps_those_behind_it_from_its_room() {
        let large = Ask::Power { min: W(20_000), max: W(20_000), step: W(100) };
        let insists = Service { insists: true, ..Service::default() };
        let yard = |service| {
            let holder = evse(0, 5, dc(5_000));
            let waiting = EvseInput { laxity: 1, ..served(evse(0, 5, large), service) };
            let behind = EvseInput { laxity: 2, ..evse(0, 5, dc(50_000)) };
            let given = solve(vec![circuit(None, 22_000)], vec![holder, waiting, behind]);
            given.iter().map(|given| given.0).collect::<Vec<_>>()
        };
        assert_eq!(yard(Service::default()), [5_000, 0, 17_000]);
        assert_eq!(yard(insists), [5_000, 0, 0]);
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
