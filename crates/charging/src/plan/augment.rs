//! Maximum flow, resumed from whatever flows already: the second half of Dinic's algorithm.
//!
//! E. A. Dinic, *Algorithm for solution of a problem of maximum flow in networks with power
//! estimation*, 1970. Each round finds the distances to the grid and then fills every shortest way.
//! Rounds find ever longer ways, so there are few of them.

use super::{
    levels::{FAR, Levels},
    network::{Network, Step},
};

/// The searcher: distances, and how far each place has looked along its steps.
pub(crate) struct Augmenter {
    pub(crate) levels: Levels,
    tier: Vec<usize>,
    demand: Vec<usize>,
    node: Vec<usize>,
    way: Vec<(Place, Step)>,
}

#[derive(Clone, Copy)]
enum Place {
    Tier(usize),
    Demand(usize),
    Node(usize, usize),
    Grid,
}

impl Augmenter {
    pub(crate) fn new(network: &Network) -> Self {
        Self {
            levels: Levels::new(network),
            tier: vec![0; network.tiers.len()],
            demand: vec![0; network.asks.len()],
            node: vec![0; network.room.len()],
            way: Vec::new(),
        }
    }

    /// Lets as much flow as can; says how much more that is. No step of a flow to the grid is ever
    /// taken back for it, only led another way: what a tier gives never falls.
    pub(crate) fn fill(&mut self, network: &mut Network) -> i64 {
        let mut total = 0;
        while network.tier_left.iter().any(|&left| left > 0) {
            let Some(distance) = self.levels.search(network) else { break };
            self.tier.fill(0);
            self.demand.fill(0);
            self.node.fill(0);
            let mut round = 0;
            for tier in 0..network.tiers.len() {
                if self.levels.tier[tier] == distance {
                    round += self.fill_tier(network, tier);
                }
            }
            debug_assert!(round > 0, "a grid that is reached can be reached");
            if round == 0 {
                break;
            }
            total += round;
        }
        total
    }

    /// Fills the shortest ways from a tier.
    fn fill_tier(&mut self, network: &mut Network, tier: usize) -> i64 {
        let mut total = 0;
        let mut place = Place::Tier(tier);
        self.way.clear();
        while network.tier_left[tier] > 0 {
            if matches!(place, Place::Grid) {
                let (amount, from) = self.send(network, tier);
                total += amount;
                place = from;
            } else if let Some((step, next)) = self.step(network, place) {
                self.way.push((place, step));
                place = next;
            } else {
                self.give_up(network.slots, place);
                let Some((before, _)) = self.way.pop() else { break };
                place = before;
            }
        }
        total
    }

    /// Sends what fits along the way; goes on from the first step that is full.
    fn send(&mut self, network: &mut Network, tier: usize) -> (i64, Place) {
        let narrowest = self.way.iter().map(|(_, step)| network.residual(*step)).min().unwrap_or_default();
        let amount = narrowest.min(network.tier_left[tier]);
        for (_, step) in &self.way {
            network.go(*step, amount);
        }
        network.tier_left[tier] -= amount;
        let full = self.way.iter().position(|(_, step)| network.residual(*step) == 0).unwrap_or_default();
        let from = self.way.get(full).map_or(Place::Tier(tier), |(place, _)| *place);
        self.way.truncate(full);
        (amount, from)
    }

    fn give_up(&mut self, slots: usize, place: Place) {
        match place {
            Place::Tier(tier) => self.levels.tier[tier] = FAR,
            Place::Demand(demand) => self.levels.demand[demand] = FAR,
            Place::Node(circuit, slot) => self.levels.node[circuit * slots + slot] = FAR,
            Place::Grid => {}
        }
    }

    /// The next step from a place that leads one nearer to the grid.
    fn step(&mut self, network: &Network, place: Place) -> Option<(Step, Place)> {
        match place {
            Place::Tier(tier) => self.after_tier(network, tier),
            Place::Demand(demand) => self.after_demand(network, demand),
            Place::Node(circuit, slot) => self.after_node(network, circuit, slot),
            Place::Grid => None,
        }
    }

    fn after_tier(&mut self, network: &Network, tier: usize) -> Option<(Step, Place)> {
        let nearer = self.levels.tier[tier].checked_sub(1)?;
        while let Some(&demand) = network.tiers[tier].get(self.tier[tier]) {
            if network.asks[demand].left > 0 && self.levels.demand[demand] == nearer {
                return Some((Step::Ask { demand }, Place::Demand(demand)));
            }
            self.tier[tier] += 1;
        }
        None
    }

    fn after_demand(&mut self, network: &Network, demand: usize) -> Option<(Step, Place)> {
        let nearer = self.levels.demand[demand].checked_sub(1)?;
        let ask = network.asks[demand];
        while let Some(slot) = network.spare.next(demand, self.demand[demand]) {
            self.demand[demand] = slot;
            if self.levels.node[ask.circuit * network.slots + slot] == nearer {
                return Some((Step::Draw { demand, slot }, Place::Node(ask.circuit, slot)));
            }
            self.demand[demand] = slot + 1;
        }
        self.demand[demand] = network.slots;
        let back = ask.given > 0 && self.levels.tier[ask.tier] == nearer;
        back.then_some((Step::Return { demand }, Place::Tier(ask.tier)))
    }

    /// First up, then down to the children, then to the demands that could yield.
    fn after_node(&mut self, network: &Network, circuit: usize, slot: usize) -> Option<(Step, Place)> {
        let tree = &network.tree;
        let at = circuit * network.slots + slot;
        let nearer = self.levels.node[at].checked_sub(1)?;
        if self.node[at] == 0 {
            let up = match tree.parent[circuit] {
                Some(parent) if self.levels.node[parent * network.slots + slot] == nearer => {
                    Some(Place::Node(parent, slot))
                }
                None if nearer == 0 => Some(Place::Grid),
                _ => None,
            };
            if let Some(next) = up.filter(|_| network.link_spare.has(circuit, slot)) {
                return Some((Step::Up { circuit, slot }, next));
            }
            self.node[at] = 1;
        }
        let children = &tree.children[circuit];
        while let Some(&child) = children.get(self.node[at] - 1) {
            if self.levels.node[child * network.slots + slot] == nearer && network.link_used.has(child, slot)
            {
                return Some((Step::Down { circuit: child, slot }, Place::Node(child, slot)));
            }
            self.node[at] += 1;
        }
        while let Some(&demand) = tree.demands[circuit].get(self.node[at] - 1 - children.len()) {
            if self.levels.demand[demand] == nearer && network.used.has(demand, slot) {
                return Some((Step::Yield { demand, slot }, Place::Demand(demand)));
            }
            self.node[at] += 1;
        }
        None
    }
}
