//! The residual network: what flows, what more could, and what could be taken back.
//!
//! Energy flows from a tier to a demand, to its circuit in one slot, up the tree of that slot, and
//! out at the site. Flows are whole *watt-minutes*: both a watt over a slot and a watt-hour are
//! whole numbers of them, so nothing is lost to rounding. Nothing is ever torn down: rooms can grow and
//! tiers can open, and the next search goes on from the flow that is there.

use super::{problem::Problem, rows::Rows};

/// Watt-minutes in a watt-hour.
pub(crate) const GRAINS_PER_WH: i64 = 60;

#[derive(Clone)]
pub(crate) struct Network {
    pub(crate) slots: usize,
    pub(crate) tree: Tree,
    pub(crate) asks: Vec<Ask>,
    /// Demands of each tier, the most important tier first.
    pub(crate) tiers: Vec<Vec<usize>>,
    /// What each tier may still give to its demands.
    pub(crate) tier_left: Vec<i64>,
    /// By demand and slot: bounds of the flow, and the flow.
    pub(crate) most: Vec<i64>,
    pub(crate) least: Vec<i64>,
    pub(crate) flow: Vec<i64>,
    /// Slots in which a demand could draw more, or draws more than its least.
    pub(crate) spare: Rows,
    pub(crate) used: Rows,
    /// By circuit and slot: room, and what flows.
    pub(crate) room: Vec<i64>,
    pub(crate) load: Vec<i64>,
    pub(crate) link_spare: Rows,
    pub(crate) link_used: Rows,
    /// What went since somebody wanted to know, to be able to take it back.
    journal: Option<Vec<(Step, i64)>>,
}

/// A demand as the network sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ask {
    pub(crate) circuit: usize,
    pub(crate) tier: usize,
    pub(crate) left: i64,
    pub(crate) given: i64,
}

/// The circuits, their neighbours, and the demands at each.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    pub(crate) parent: Vec<Option<usize>>,
    pub(crate) children: Vec<Vec<usize>>,
    pub(crate) demands: Vec<Vec<usize>>,
    pub(crate) site: usize,
}

/// One step along the residual network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// From its tier to a demand.
    Ask { demand: usize },
    /// From a demand back to its tier, for another one to take.
    Return { demand: usize },
    /// A demand draws in a slot.
    Draw { demand: usize, slot: usize },
    /// A demand gives up what it draws in a slot.
    Yield { demand: usize, slot: usize },
    /// From a circuit to its parent, or from the site to the grid.
    Up { circuit: usize, slot: usize },
    /// From its parent to a circuit, which draws less.
    Down { circuit: usize, slot: usize },
}

impl Network {
    /// The network of a problem, empty: no tier is open, every slot is.
    pub(crate) fn new(problem: &Problem) -> Self {
        let slots = problem.horizon.slots;
        let (circuits, demands) = (problem.circuits.len(), problem.demands.len());
        let mut levels: Vec<u8> = problem.demands.iter().map(|demand| demand.tier).collect();
        levels.sort_unstable();
        levels.dedup();
        let mut tiers = vec![Vec::new(); levels.len()];
        let mut asks = Vec::with_capacity(demands);
        for (at, demand) in problem.demands.iter().enumerate() {
            let tier = levels.partition_point(|&level| level < demand.tier);
            tiers[tier].push(at);
            let left = demand.need.get() * GRAINS_PER_WH;
            asks.push(Ask { circuit: demand.circuit, tier, left, given: 0 });
        }
        let mut network = Self {
            slots,
            tree: Tree::new(problem),
            asks,
            tier_left: vec![0; tiers.len()],
            tiers,
            most: vec![0; demands * slots],
            least: vec![0; demands * slots],
            flow: vec![0; demands * slots],
            spare: Rows::new(demands, slots),
            used: Rows::new(demands, slots),
            room: vec![0; circuits * slots],
            load: vec![0; circuits * slots],
            link_spare: Rows::new(circuits, slots),
            link_used: Rows::new(circuits, slots),
            journal: None,
        };
        let minutes = i64::from(problem.horizon.slot_minutes);
        for (at, demand) in problem.demands.iter().enumerate() {
            for (most, slot) in demand.most.iter().zip(demand.arrival..) {
                network.set_most(at, slot, most.get() * minutes);
            }
        }
        for (at, circuit) in problem.circuits.iter().enumerate() {
            for (slot, room) in circuit.room.iter().enumerate() {
                network.set_room(at, slot, room.at_least_zero().get() * minutes);
            }
        }
        network
    }

    pub(crate) fn set_most(&mut self, demand: usize, slot: usize, most: i64) {
        let at = demand * self.slots + slot;
        self.most[at] = most;
        self.spare.assign(demand, slot, most > self.flow[at]);
    }

    pub(crate) fn set_least(&mut self, demand: usize, slot: usize, least: i64) {
        let at = demand * self.slots + slot;
        self.least[at] = least;
        self.used.assign(demand, slot, self.flow[at] > least);
    }

    pub(crate) fn set_room(&mut self, circuit: usize, slot: usize, room: i64) {
        let at = circuit * self.slots + slot;
        self.room[at] = room;
        self.link_spare.assign(circuit, slot, room > self.load[at]);
    }

    pub(crate) fn flow_of(&self, demand: usize, slot: usize) -> i64 {
        self.flow[demand * self.slots + slot]
    }

    /// Takes everything back; bounds and rooms stay.
    pub(crate) fn drain(&mut self) {
        for ask in &mut self.asks {
            ask.left += ask.given;
            ask.given = 0;
        }
        self.flow.fill(0);
        self.load.fill(0);
        self.used.clear();
        self.link_used.clear();
        for demand in 0..self.asks.len() {
            for slot in 0..self.slots {
                self.spare.assign(demand, slot, self.most[demand * self.slots + slot] > 0);
            }
        }
        for circuit in 0..self.tree.parent.len() {
            for slot in 0..self.slots {
                self.link_spare.assign(circuit, slot, self.room[circuit * self.slots + slot] > 0);
            }
        }
    }

    /// How much more can go along a step.
    pub(crate) fn residual(&self, step: Step) -> i64 {
        match step {
            Step::Ask { demand } => self.asks[demand].left,
            Step::Return { demand } => self.asks[demand].given,
            Step::Draw { demand, slot } => {
                let at = demand * self.slots + slot;
                self.most[at] - self.flow[at]
            }
            Step::Yield { demand, slot } => {
                let at = demand * self.slots + slot;
                self.flow[at] - self.least[at]
            }
            Step::Up { circuit, slot } => {
                let at = circuit * self.slots + slot;
                self.room[at] - self.load[at]
            }
            Step::Down { circuit, slot } => self.load[circuit * self.slots + slot],
        }
    }

    /// Lets `amount` more go along a step.
    pub(crate) fn go(&mut self, step: Step, amount: i64) {
        if let Some(journal) = &mut self.journal {
            journal.push((step, amount));
        }
        match step {
            Step::Ask { demand } => {
                self.asks[demand].left -= amount;
                self.asks[demand].given += amount;
            }
            Step::Return { demand } => {
                self.asks[demand].left += amount;
                self.asks[demand].given -= amount;
            }
            Step::Draw { demand, slot } => self.draw(demand, slot, amount),
            Step::Yield { demand, slot } => self.draw(demand, slot, -amount),
            Step::Up { circuit, slot } => self.carry(circuit, slot, amount),
            Step::Down { circuit, slot } => self.carry(circuit, slot, -amount),
        }
    }

    /// Remembers from now on what goes.
    pub(crate) fn remember(&mut self) {
        self.journal = Some(Vec::new());
    }

    pub(crate) fn forget(&mut self) {
        self.journal = None;
    }

    /// Takes back everything that went since, and remembers no more.
    pub(crate) fn undo(&mut self) {
        for (step, amount) in self.journal.take().into_iter().flatten().rev() {
            self.go(step, -amount);
        }
    }

    /// Sends `amount` (below zero takes it back) from a demand straight to the grid in one slot.
    pub(crate) fn send(&mut self, demand: usize, slot: usize, amount: i64) {
        self.go(Step::Draw { demand, slot }, amount);
        let mut at = Some(self.asks[demand].circuit);
        while let Some(circuit) = at {
            self.go(Step::Up { circuit, slot }, amount);
            at = self.tree.parent[circuit];
        }
    }

    /// How much more a demand could send straight to the grid in one slot.
    pub(crate) fn straight(&self, demand: usize, slot: usize) -> i64 {
        let mut least = self.residual(Step::Draw { demand, slot });
        let mut at = Some(self.asks[demand].circuit);
        while let Some(circuit) = at {
            least = least.min(self.residual(Step::Up { circuit, slot }));
            at = self.tree.parent[circuit];
        }
        least
    }

    fn draw(&mut self, demand: usize, slot: usize, amount: i64) {
        let at = demand * self.slots + slot;
        self.flow[at] += amount;
        self.spare.assign(demand, slot, self.most[at] > self.flow[at]);
        self.used.assign(demand, slot, self.flow[at] > self.least[at]);
    }

    fn carry(&mut self, circuit: usize, slot: usize, amount: i64) {
        let at = circuit * self.slots + slot;
        self.load[at] += amount;
        self.link_spare.assign(circuit, slot, self.room[at] > self.load[at]);
        self.link_used.assign(circuit, slot, self.load[at] > 0);
    }
}

impl Tree {
    fn new(problem: &Problem) -> Self {
        let parent: Vec<Option<usize>> = problem.circuits.iter().map(|circuit| circuit.parent).collect();
        let mut children = vec![Vec::new(); parent.len()];
        for (at, parent) in parent.iter().enumerate() {
            if let Some(parent) = *parent {
                children[parent].push(at);
            }
        }
        let mut demands = vec![Vec::new(); parent.len()];
        for (at, demand) in problem.demands.iter().enumerate() {
            demands[demand.circuit].push(at);
        }
        let site = parent.iter().position(Option::is_none).unwrap_or_default();
        Self { parent, children, demands, site }
    }
}
