//! How far everything is from the grid: the first half of Dinic's algorithm, searched backwards
//! from the site and over all slots of a circuit at once.

use super::{
    network::Network,
    rows::{Rows, slots_of},
};

/// The distance of what cannot reach the grid.
pub(crate) const FAR: u32 = u32::MAX;

/// Distances to the grid in steps; kept between searches for its memory.
pub(crate) struct Levels {
    pub(crate) node: Vec<u32>,
    pub(crate) demand: Vec<u32>,
    pub(crate) tier: Vec<u32>,
    /// Slots in which a circuit reaches the grid.
    pub(crate) reached: Rows,
    front: Rows,
    next: Rows,
    /// Circuits with a bit in `front` and `next`.
    active: Vec<usize>,
    coming: Vec<usize>,
    /// Demands not reached yet, by circuit.
    waiting: Vec<Vec<usize>>,
}

impl Levels {
    pub(crate) fn new(network: &Network) -> Self {
        let (circuits, slots) = (network.tree.parent.len(), network.slots);
        Self {
            node: vec![FAR; circuits * slots],
            demand: vec![FAR; network.asks.len()],
            tier: vec![FAR; network.tiers.len()],
            reached: Rows::new(circuits, slots),
            front: Rows::new(circuits, slots),
            next: Rows::new(circuits, slots),
            active: Vec::new(),
            coming: Vec::new(),
            waiting: vec![Vec::new(); circuits],
        }
    }

    /// Finds all distances up to that of the nearest tier with something to give; whether there is
    /// such a tier. Where there is none, `reached` is all that reaches the grid: a minimum cut.
    pub(crate) fn search(&mut self, network: &Network) -> Option<u32> {
        self.reset(network);
        let site = network.tree.site;
        for word in 0..self.front.words() {
            self.arrive(network.slots, site, word, network.link_spare.word(site, word), 1);
        }
        let (mut demands, mut tiers) = (Vec::new(), Vec::new());
        let mut level = 1;
        loop {
            std::mem::swap(&mut self.front, &mut self.next);
            std::mem::swap(&mut self.active, &mut self.coming);
            let (now, open) = (std::mem::take(&mut demands), std::mem::take(&mut tiers));
            if self.active.is_empty() && now.is_empty() && open.is_empty() {
                return None;
            }
            if open.iter().any(|&tier: &usize| network.tier_left[tier] > 0) {
                return Some(level);
            }
            level += 1;
            for tier in open {
                self.before_tier(network, tier, level, &mut demands);
            }
            for demand in now {
                self.before_demand(network, demand, level, &mut tiers);
            }
            while let Some(circuit) = self.active.pop() {
                self.before_circuit(network, circuit, level, &mut demands);
            }
        }
    }

    fn reset(&mut self, network: &Network) {
        self.node.fill(FAR);
        self.demand.fill(FAR);
        self.tier.fill(FAR);
        self.reached.clear();
        self.front.clear();
        self.next.clear();
        self.active.clear();
        self.coming.clear();
        for (waiting, demands) in self.waiting.iter_mut().zip(&network.tree.demands) {
            waiting.clone_from(demands);
        }
    }

    /// A tier is reached from every demand that could return something to it.
    fn before_tier(&mut self, network: &Network, tier: usize, level: u32, demands: &mut Vec<usize>) {
        for &demand in &network.tiers[tier] {
            if self.demand[demand] == FAR && network.asks[demand].given > 0 {
                self.demand[demand] = level;
                demands.push(demand);
            }
        }
    }

    /// A demand is reached from its tier, and from its circuit in slots where it yields.
    fn before_demand(&mut self, network: &Network, demand: usize, level: u32, tiers: &mut Vec<usize>) {
        let ask = network.asks[demand];
        if ask.left > 0 && self.tier[ask.tier] == FAR {
            self.tier[ask.tier] = level;
            tiers.push(ask.tier);
        }
        for word in 0..self.reached.words() {
            self.arrive(network.slots, ask.circuit, word, network.used.word(demand, word), level);
        }
    }

    /// A circuit is reached from its children, from its parent, and from its demands.
    fn before_circuit(&mut self, network: &Network, circuit: usize, level: u32, demands: &mut Vec<usize>) {
        let tree = &network.tree;
        for word in 0..self.front.words() {
            let front = self.front.word(circuit, word);
            if front == 0 {
                continue;
            }
            for &child in &tree.children[circuit] {
                self.arrive(network.slots, child, word, front & network.link_spare.word(child, word), level);
            }
            if let Some(parent) = tree.parent[circuit] {
                let back = front & network.link_used.word(circuit, word);
                self.arrive(network.slots, parent, word, back, level);
            }
            let levels = &mut self.demand;
            self.waiting[circuit].retain(|&demand| {
                let reached = levels[demand] != FAR || network.spare.word(demand, word) & front != 0;
                if reached && levels[demand] == FAR {
                    levels[demand] = level;
                    demands.push(demand);
                }
                !reached
            });
        }
        self.front.row_mut(circuit).fill(0);
    }

    fn arrive(&mut self, slots: usize, circuit: usize, word: usize, bits: u64, level: u32) {
        let new = bits & !self.reached.word(circuit, word);
        if new == 0 {
            return;
        }
        *self.reached.word_mut(circuit, word) |= new;
        if self.next.row(circuit).iter().all(|word| *word == 0) {
            self.coming.push(circuit);
        }
        *self.next.word_mut(circuit, word) |= new;
        for slot in slots_of(word, new) {
            self.node[circuit * slots + slot] = level;
        }
    }
}
