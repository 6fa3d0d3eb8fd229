//! What a single demand can reach: a search forwards through the residual network, for one that
//! needs a way around others, and for telling what stands in the way of one that got too little.

use super::{
    network::{Network, Step},
    rows::{Rows, slots_of},
};

/// A forward search; kept between searches for its memory.
pub(crate) struct Reach {
    pub(crate) reached: Rows,
    front: Rows,
    next: Rows,
    active: Vec<usize>,
    coming: Vec<usize>,
    /// By which step a node or a demand was reached first.
    node_by: Vec<Step>,
    demand_by: Vec<Option<Step>>,
    touched: Vec<usize>,
    way: Vec<Step>,
    /// Circuits and demands that all searches visited.
    pub(crate) visits: usize,
}

impl Reach {
    pub(crate) fn new(network: &Network) -> Self {
        let (circuits, slots) = (network.tree.parent.len(), network.slots);
        Self {
            reached: Rows::new(circuits, slots),
            front: Rows::new(circuits, slots),
            next: Rows::new(circuits, slots),
            active: Vec::new(),
            coming: Vec::new(),
            node_by: vec![Step::Up { circuit: 0, slot: 0 }; circuits * slots],
            demand_by: vec![None; network.asks.len()],
            touched: Vec::new(),
            way: Vec::new(),
            visits: 0,
        }
    }

    /// Sends up to `amount` from a demand to the grid, leading others around where needed; says how
    /// much. What the demand draws first is limited to the slots of `first`, and what arrives to
    /// the slots of `grid`, each a row of bits.
    pub(crate) fn push(
        &mut self,
        network: &mut Network,
        demand: usize,
        amount: i64,
        first: &[u64],
        grid: &[u64],
    ) -> i64 {
        let mut sent = 0;
        while sent < amount {
            let Some(slot) = self.search(network, demand, first, grid) else { break };
            self.trace(network, demand, slot);
            let narrowest = self.way.iter().map(|step| network.residual(*step)).min().unwrap_or_default();
            let now = narrowest.min(amount - sent);
            for step in &self.way {
                network.go(*step, now);
            }
            sent += now;
        }
        sent
    }

    /// Everything that a demand reaches; `reached` has it afterwards.
    pub(crate) fn explore(&mut self, network: &Network, demand: usize) {
        let all = vec![u64::MAX; self.reached.words()];
        let none = vec![0; self.reached.words()];
        self.search(network, demand, &all, &none);
    }

    /// Searches until the grid is reached, in one of the slots allowed; which one.
    fn search(&mut self, network: &Network, demand: usize, first: &[u64], grid: &[u64]) -> Option<usize> {
        self.reset();
        self.demand_by[demand] = Some(Step::Ask { demand });
        self.touched.push(demand);
        let circuit = network.asks[demand].circuit;
        for (word, allowed) in first.iter().enumerate() {
            let bits = network.spare.word(demand, word) & allowed;
            self.arrive(network.slots, circuit, word, bits, |slot| Step::Draw { demand, slot });
        }
        let mut demands = Vec::new();
        while !self.coming.is_empty() || !demands.is_empty() {
            std::mem::swap(&mut self.front, &mut self.next);
            std::mem::swap(&mut self.active, &mut self.coming);
            for demand in std::mem::take(&mut demands) {
                self.after_demand(network, demand);
            }
            while let Some(circuit) = self.active.pop() {
                if let Some(slot) = self.after_circuit(network, circuit, grid, &mut demands) {
                    return Some(slot);
                }
            }
        }
        None
    }

    fn reset(&mut self) {
        self.reached.clear();
        self.front.clear();
        self.next.clear();
        self.active.clear();
        self.coming.clear();
        for demand in self.touched.drain(..) {
            self.demand_by[demand] = None;
        }
    }

    /// A demand that gives up energy looks for it in its other slots.
    fn after_demand(&mut self, network: &Network, demand: usize) {
        self.visits += 1;
        let circuit = network.asks[demand].circuit;
        for word in 0..self.reached.words() {
            let bits = network.spare.word(demand, word);
            self.arrive(network.slots, circuit, word, bits, |slot| Step::Draw { demand, slot });
        }
    }

    /// From a circuit up, down to its children, and to its demands.
    fn after_circuit(
        &mut self,
        network: &Network,
        circuit: usize,
        grid: &[u64],
        demands: &mut Vec<usize>,
    ) -> Option<usize> {
        self.visits += 1;
        let tree = &network.tree;
        for (word, grid) in grid.iter().enumerate() {
            let front = self.front.word(circuit, word);
            if front == 0 {
                continue;
            }
            let up = front & network.link_spare.word(circuit, word);
            match tree.parent[circuit] {
                Some(parent) => {
                    self.arrive(network.slots, parent, word, up, |slot| Step::Up { circuit, slot });
                }
                None if up & grid != 0 => return slots_of(word, up & grid).next(),
                None => {}
            }
            for &child in &tree.children[circuit] {
                let down = front & network.link_used.word(child, word);
                self.arrive(network.slots, child, word, down, |slot| Step::Down { circuit: child, slot });
            }
            for &demand in &tree.demands[circuit] {
                let yields = front & network.used.word(demand, word);
                if yields != 0 && self.demand_by[demand].is_none() {
                    let slot = word * 64 + yields.trailing_zeros() as usize;
                    self.demand_by[demand] = Some(Step::Yield { demand, slot });
                    self.touched.push(demand);
                    demands.push(demand);
                }
            }
        }
        self.front.row_mut(circuit).fill(0);
        None
    }

    fn arrive(&mut self, slots: usize, circuit: usize, word: usize, bits: u64, by: impl Fn(usize) -> Step) {
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
            self.node_by[circuit * slots + slot] = by(slot);
        }
    }

    /// The way from a demand to the site in a slot and out, backwards.
    fn trace(&mut self, network: &Network, from: usize, slot: usize) {
        let site = network.tree.site;
        self.way.clear();
        self.way.push(Step::Up { circuit: site, slot });
        let (mut circuit, mut at) = (site, slot);
        loop {
            let step = self.node_by[circuit * network.slots + at];
            self.way.push(step);
            match step {
                Step::Up { circuit: below, .. } => circuit = below,
                Step::Down { circuit: below, .. } => circuit = network.tree.parent[below].unwrap_or(site),
                Step::Draw { demand, .. } => {
                    if demand == from {
                        return;
                    }
                    let Some(by @ Step::Yield { slot, .. }) = self.demand_by[demand] else { return };
                    self.way.push(by);
                    (circuit, at) = (network.asks[demand].circuit, slot);
                }
                Step::Ask { .. } | Step::Return { .. } | Step::Yield { .. } => return,
            }
        }
    }
}
