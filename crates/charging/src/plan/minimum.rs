//! No slot below what a charger can give: slivers are merged into fewer slots.
//!
//! Flow knows no "nothing or at least so much". So the slots in which a demand draws at all are
//! taken from the optimum, and each demand with slivers is asked to do with fewer of them: its full
//! slots are bounded by its least from below, its idle ones are closed, and the energy of its
//! slivers looks for another way, leading others around where that helps and they stay within their own
//! bounds. What finds none goes back: energy is never lost to this, and the peak never rises.

use kernel::{W, Wh};

use super::{network::Network, problem::Problem, reach::Reach, rows::Rows};

/// How often all demands are gone through: one that was settled may have made room for another.
const MOST_ROUNDS: usize = 3;
/// Circuits and demands that its searches may visit, all in all: a second or two of work.
const MOST_VISITS: usize = 25_000_000;
/// Slots that are tried for what is left of a demand's slivers: all of a day.
const MOST_TRIES: usize = 96;
/// The repair stops when it has made the energy dearer by this share: 1.5 %.
const DEARER_PER_MILLE: i128 = 15;

/// Merges slivers until none is left, none can be merged, or it becomes too dear.
pub(crate) fn merge(problem: &Problem, network: &mut Network) {
    let mut merger = Merger::new(problem, network);
    let before = merger.cost(network);
    let bound = before + before.abs() * DEARER_PER_MILLE / 1000;
    for _ in 0..MOST_ROUNDS {
        let mut merged = false;
        for demand in 0..network.asks.len() {
            if merger.reach.visits > MOST_VISITS {
                break;
            }
            network.remember();
            let fewer = merger.merge(network, demand);
            if fewer && merger.cost(network) <= bound && merger.follows_curve(network, demand) {
                merged = true;
            } else {
                network.undo();
            }
            merger.bound(network, demand);
        }
        if !merged {
            break;
        }
    }
    network.forget();
    merger.reopen(network);
}

struct Merger<'a> {
    problem: &'a Problem,
    reach: Reach,
    /// The bounds that the repair closes for a while.
    most: Vec<i64>,
    minutes: i64,
    all: Vec<u64>,
    /// Slots of which is known that nothing more can be sent through them.
    hopeless: Vec<u64>,
}

impl<'a> Merger<'a> {
    fn new(problem: &'a Problem, network: &mut Network) -> Self {
        let minutes = i64::from(problem.horizon.slot_minutes);
        let reach = Reach::new(network);
        let all = vec![u64::MAX; reach.reached.words()];
        let hopeless = vec![0; all.len()];
        let merger = Self { problem, reach, most: network.most.clone(), minutes, all, hopeless };
        for demand in 0..network.asks.len() {
            merger.bound(network, demand);
        }
        merger
    }

    fn least(&self, demand: usize, slot: usize) -> i64 {
        self.problem.demands[demand].least_in(slot).get() * self.minutes
    }

    fn most(&self, network: &Network, demand: usize, slot: usize) -> i64 {
        self.most[demand * network.slots + slot]
    }

    /// Slots in which the least of a demand matters: those in which it can be drawn at all.
    fn matters(&self, network: &Network, demand: usize) -> impl Iterator<Item = usize> + use<> {
        let stay = self.problem.demands[demand].arrival..self.problem.demands[demand].departure;
        let matters = |slot: &usize| {
            let least = self.least(demand, *slot);
            least > 0 && self.most(network, demand, *slot) >= least
        };
        stay.filter(matters).collect::<Vec<_>>().into_iter()
    }

    /// Bounds a demand while others are merged: what follows a curve is not led around at all, since
    /// a little more here would be a little less there.
    fn bound(&self, network: &mut Network, demand: usize) {
        if self.problem.demands[demand].battery.is_none() {
            return self.free(network, demand);
        }
        for slot in self.problem.demands[demand].arrival..self.problem.demands[demand].departure {
            let flow = network.flow_of(demand, slot);
            network.set_most(demand, slot, flow);
            network.set_least(demand, slot, flow);
        }
    }

    /// Closes what is idle, and holds what is full at its least.
    fn free(&self, network: &mut Network, demand: usize) {
        if self.problem.demands[demand].least.iter().all(|least| *least == W::ZERO) {
            return;
        }
        for slot in self.problem.demands[demand].arrival..self.problem.demands[demand].departure {
            let flow = network.flow_of(demand, slot);
            let most = if flow == 0 { 0 } else { self.most(network, demand, slot) };
            let least = self.least(demand, slot);
            network.set_most(demand, slot, most);
            network.set_least(demand, slot, if flow >= least { least } else { 0 });
        }
    }

    /// Merges the slivers of a demand; whether there are fewer now.
    fn merge(&mut self, network: &mut Network, demand: usize) -> bool {
        self.free(network, demand);
        let sliver = |slot: &usize| (1..self.least(demand, *slot)).contains(&network.flow_of(demand, *slot));
        let mut slivers: Vec<usize> = self.matters(network, demand).filter(sliver).collect();
        if slivers.is_empty() {
            return false;
        }
        let before = slivers.len();
        let mut left = 0;
        for &slot in &slivers {
            let flow = network.flow_of(demand, slot);
            network.send(demand, slot, -flow);
            network.set_most(demand, slot, 0);
            left += flow;
        }
        let all = self.all.clone();
        left -= self.reach.push(network, demand, left, &all, &all);
        let price = |slot: &usize| self.problem.tariff.energy[*slot];
        let mut idle: Vec<usize> = self.matters(network, demand).collect();
        idle.retain(|&slot| network.flow_of(demand, slot) == 0 && !slivers.contains(&slot));
        idle.sort_by_key(price);
        slivers.sort_by_key(price);
        self.hopeless.fill(0);
        for &slot in slivers.iter().chain(&idle).take(MOST_TRIES) {
            if left == 0 {
                break;
            }
            if self.hopeless[slot / 64] & (1 << (slot % 64)) != 0 {
                continue;
            }
            let Some(rest) = self.lift(network, demand, slot, left) else { break };
            left = rest;
        }
        if !self.put_back(network, demand, &slivers, left) {
            return false;
        }
        let sliver = |slot: &usize| (1..self.least(demand, *slot)).contains(&network.flow_of(demand, *slot));
        self.matters(network, demand).filter(sliver).count() < before
    }

    /// Tries to draw at least the least in one more slot, with what is left and, where that is too
    /// little, with some of what other slots have above their least. Returns what is left then, and
    /// nothing where no slot can do.
    fn lift(&mut self, network: &mut Network, demand: usize, slot: usize, left: i64) -> Option<i64> {
        let least = self.least(demand, slot);
        let lent = self.lend(network, demand, (least - left).max(0))?;
        let most = self.most(network, demand, slot);
        network.set_most(demand, slot, most);
        let mut only = Rows::new(1, network.slots);
        only.assign(0, slot, true);
        let all = self.all.clone();
        let sent = self.reach.push(network, demand, (left + lent).min(most), only.row(0), &all);
        if sent >= least {
            network.set_least(demand, slot, least);
            let rest = left + lent - sent;
            return Some(rest - self.reach.push(network, demand, rest, &all, &all));
        }
        // Whatever else that search came by leads nowhere either.
        let circuit = network.asks[demand].circuit;
        self.hopeless.copy_from_slice(self.reach.reached.row(circuit));
        network.send(demand, slot, -sent);
        network.set_most(demand, slot, 0);
        Some(left + lent - self.reach.push(network, demand, lent, &all, &all))
    }

    /// Takes energy out of slots that have more than their least, the dearest first.
    fn lend(&self, network: &mut Network, demand: usize, wanted: i64) -> Option<i64> {
        let mut slots: Vec<usize> = self.matters(network, demand).collect();
        let above = |network: &Network, slot: usize| {
            let at = demand * network.slots + slot;
            network.flow[at] - network.least[at]
        };
        let available: i64 = slots.iter().map(|&slot| above(network, slot)).sum();
        if available < wanted {
            return None;
        }
        slots.sort_by_key(|&slot| std::cmp::Reverse(self.problem.tariff.energy[slot]));
        let mut lent = 0;
        for slot in slots {
            let now = above(network, slot).min(wanted - lent);
            network.send(demand, slot, -now);
            lent += now;
        }
        Some(lent)
    }

    /// Slivers again, as few as can be: where they were there was room. Whether all went back.
    fn put_back(&mut self, network: &mut Network, demand: usize, slivers: &[usize], mut left: i64) -> bool {
        let all = self.all.clone();
        for &slot in slivers {
            if left == 0 {
                break;
            }
            let most = self.most(network, demand, slot);
            network.set_most(demand, slot, most);
            left -= self.reach.push(network, demand, left, &all, &all);
        }
        left == 0
    }

    fn reopen(&self, network: &mut Network) {
        for demand in 0..network.asks.len() {
            for slot in 0..network.slots {
                let most = self.most(network, demand, slot);
                network.set_most(demand, slot, most);
                network.set_least(demand, slot, 0);
            }
        }
    }

    fn follows_curve(&self, network: &Network, demand: usize) -> bool {
        let stay = self.problem.demands[demand].arrival..self.problem.demands[demand].departure;
        let Some(battery) = &self.problem.demands[demand].battery else { return true };
        let mut taken = 0;
        stay.into_iter().all(|slot| {
            let most = battery.most_at(battery.charged(Wh(taken / 60)));
            let flow = network.flow_of(demand, slot);
            taken += flow;
            most.is_none_or(|most| flow <= most.get() * self.minutes)
        })
    }

    fn cost(&self, network: &Network) -> i128 {
        let site = network.tree.site * network.slots;
        let loads = network.load[site..][..network.slots].iter().zip(&self.problem.tariff.energy);
        loads.map(|(load, price)| i128::from(*load) * i128::from(*price)).sum()
    }
}
