//! Why a demand is not met: the minimum cut, seen from that demand.

use kernel::W;

use super::{
    network::{GRAINS_PER_WH, Network},
    outcome::{Binding, NEGLIGIBLE, Shortfall, WattMinutes},
    problem::Problem,
    reach::Reach,
};

/// What stands between each unmet demand and the grid, every slot being open. `targeted` tells the
/// site's slots whose room is the depot's target.
pub(crate) fn explain(problem: &Problem, network: &Network, targeted: &[bool]) -> Vec<Shortfall> {
    let mut reach = Reach::new(network);
    let given = |demand: usize| network.flow[demand * network.slots..][..network.slots].iter().sum::<i64>();
    let lacking = |demand: usize| problem.demands[demand].need.get() * GRAINS_PER_WH - given(demand);
    let short = (0..network.asks.len()).filter(|&demand| lacking(demand) >= NEGLIGIBLE.get() * GRAINS_PER_WH);
    short
        .map(|demand| {
            let unmet = lacking(demand);
            reach.explore(network, demand);
            let own: W = problem.demands[demand].most.iter().copied().sum();
            let strength = own.get().saturating_mul(i64::from(problem.horizon.slot_minutes));
            let need = problem.demands[demand].need.get() * GRAINS_PER_WH;
            let beyond = (need - strength).clamp(0, unmet);
            Shortfall {
                demand,
                unmet: WattMinutes(unmet),
                beyond_power: WattMinutes(beyond),
                binding: binding(network, &reach, targeted),
            }
        })
        .collect()
}

/// Full circuits at the edge of what is reached: the one that limits most comes first.
fn binding(network: &Network, reach: &Reach, targeted: &[bool]) -> Vec<Binding> {
    let mut bindings = Vec::new();
    for (circuit, parent) in network.tree.parent.iter().enumerate() {
        let full = |slot: &usize| {
            let beyond = parent.is_some_and(|parent| reach.reached.has(parent, *slot));
            reach.reached.has(circuit, *slot) && !network.link_spare.has(circuit, *slot) && !beyond
        };
        let slots = (0..network.slots).filter(full);
        let is_target = |slot: &usize| parent.is_none() && targeted[*slot];
        let (target, wire): (Vec<usize>, Vec<usize>) = slots.partition(is_target);
        for (slots, target) in [(wire, false), (target, true)] {
            if !slots.is_empty() {
                bindings.push(Binding { circuit, slots, target });
            }
        }
    }
    bindings.sort_by_key(|binding| std::cmp::Reverse(binding.slots.len()));
    bindings
}
