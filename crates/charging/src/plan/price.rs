//! Energy at the least cost under a given peak: the cheapest slots first.
//!
//! What the slots together can take is a polymatroid as well, so opening them by rising price and
//! letting as much flow as can, is optimal for fixed totals. Each price's flow being a maximum flow,
//! its cut also says what one more watt of peak would save: the slope.

use super::{augment::Augmenter, network::Network, problem::Problem};

/// Prices, slots and totals: what stays the same from peak to peak.
pub(crate) struct Market {
    /// Slots by rising price, in millionths per kWh.
    classes: Vec<(i64, Vec<usize>)>,
    /// What each tier is given.
    totals: Vec<i64>,
    /// The site's room by slot, in watt-minutes, and its unmanaged load in watts.
    site_room: Vec<i64>,
    unmanaged: Vec<i64>,
    minutes: i64,
}

/// What a peak costs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bill {
    pub(crate) peak: i64,
    /// Energy, in sixty-thousandths of a millionth: price per kWh × watt-minutes.
    pub(crate) energy: i128,
    /// By how much that changes with one watt more of peak; never above zero. A subgradient.
    pub(crate) slope: i128,
    /// Whether all was delivered.
    pub(crate) complete: bool,
}

impl Market {
    pub(crate) fn new(problem: &Problem, network: &Network, totals: Vec<i64>) -> Self {
        let mut classes: Vec<(i64, Vec<usize>)> = Vec::new();
        let mut slots: Vec<usize> = (0..network.slots).collect();
        slots.sort_by_key(|&slot| problem.tariff.energy[slot]);
        for slot in slots {
            let price = problem.tariff.energy[slot];
            match classes.last_mut() {
                Some((last, slots)) if *last == price => slots.push(slot),
                _ => classes.push((price, vec![slot])),
            }
        }
        let site = network.tree.site * network.slots;
        Self {
            classes,
            totals,
            site_room: network.room[site..][..network.slots].to_vec(),
            unmanaged: problem.tariff.unmanaged.iter().map(|load| load.get()).collect(),
            minutes: i64::from(problem.horizon.slot_minutes),
        }
    }

    /// The peak that the wires allow at most.
    pub(crate) fn highest_peak(&self) -> i64 {
        let peaks = self.site_room.iter().zip(&self.unmanaged);
        peaks.map(|(room, load)| room.div_euclid(self.minutes) + 1 + load).max().unwrap_or_default()
    }

    /// The peak that the unmanaged load makes alone.
    pub(crate) fn lowest_peak(&self) -> i64 {
        self.unmanaged.iter().copied().max().unwrap_or_default()
    }

    /// The peak of what flows, in whole watts.
    pub(crate) fn peak_of(&self, network: &Network) -> i64 {
        let site = network.tree.site * network.slots;
        let loads = network.load[site..][..network.slots].iter().zip(&self.unmanaged);
        loads
            .map(|(flow, load)| (flow + self.minutes - 1).div_euclid(self.minutes) + load)
            .max()
            .unwrap_or_default()
    }

    pub(crate) fn wanted(&self) -> i64 {
        self.totals.iter().sum()
    }

    pub(crate) fn minutes(&self) -> i64 {
        self.minutes
    }

    /// Room of the site in a slot under a peak, and whether it is the peak that limits it.
    pub(crate) fn room_at(&self, peak: i64, slot: usize) -> (i64, bool) {
        let below = (peak - self.unmanaged[slot]).max(0).saturating_mul(self.minutes);
        let room = self.site_room[slot];
        (room.min(below), below < room)
    }

    /// Starts anew: nothing flows, the site is closed in every slot, the tiers have their totals.
    pub(crate) fn close(&self, network: &mut Network) {
        network.drain();
        network.tier_left.clone_from(&self.totals);
        for slot in 0..network.slots {
            network.set_room(network.tree.site, slot, 0);
        }
    }

    /// Opens slots under a peak and lets flow there at once what flowed before, as far as it fits.
    pub(crate) fn open(&self, network: &mut Network, peak: i64, slots: &[usize], before: &[i64]) {
        for &slot in slots {
            network.set_room(network.tree.site, slot, self.room_at(peak, slot).0);
        }
        for demand in 0..network.asks.len() {
            for &slot in slots {
                let wish = before[demand * network.slots + slot];
                if wish == 0 {
                    continue;
                }
                let ask = network.asks[demand];
                let fits = network.straight(demand, slot).min(ask.left).min(network.tier_left[ask.tier]);
                let amount = wish.min(fits);
                if amount > 0 {
                    network.send(demand, slot, amount);
                    network.asks[demand].left -= amount;
                    network.asks[demand].given += amount;
                    network.tier_left[ask.tier] -= amount;
                }
            }
        }
    }

    /// Buys the totals as cheaply as a peak allows. The flow of `before` is only a hint.
    pub(crate) fn buy(
        &self,
        network: &mut Network,
        augmenter: &mut Augmenter,
        peak: i64,
        before: &[i64],
    ) -> Bill {
        self.close(network);
        let mut bill = Bill { peak, energy: 0, slope: 0, complete: false };
        let mut left = self.wanted();
        for (at, (price, slots)) in self.classes.iter().enumerate() {
            self.open(network, peak, slots, before);
            augmenter.fill(network);
            let now: i64 = network.tier_left.iter().sum();
            bill.energy += i128::from(*price) * i128::from(left - now);
            left = now;
            if left == 0 {
                bill.complete = true;
                break;
            }
            let Some((next, _)) = self.classes.get(at + 1) else { break };
            let full = self.cut(network, augmenter, peak, at);
            bill.slope -= (i128::from(*next) - i128::from(*price)) * i128::from(full);
        }
        bill
    }

    /// By how much the flow would rise with one watt more of peak, at most: the slots of the first
    /// prices that the peak holds down and that lie on the minimum cut.
    fn cut(&self, network: &Network, augmenter: &Augmenter, peak: i64, last: usize) -> i64 {
        let open = self.classes[..=last].iter().flat_map(|(_, slots)| slots);
        let cut = open.filter(|&&slot| {
            self.room_at(peak, slot).1 && !augmenter.levels.reached.has(network.tree.site, slot)
        });
        i64::try_from(cut.count()).unwrap_or(i64::MAX) * self.minutes
    }

    /// Where energy earns money, takes what fits beyond the needs, the best paid first.
    pub(crate) fn earn(
        &self,
        problem: &Problem,
        network: &mut Network,
        augmenter: &mut Augmenter,
        peak: i64,
    ) {
        let site = network.tree.site;
        let paid = self.classes.partition_point(|(price, _)| *price < 0);
        if paid == 0 {
            return;
        }
        for slot in 0..network.slots {
            network.set_room(site, slot, network.load[site * network.slots + slot]);
        }
        for (at, demand) in problem.demands.iter().enumerate() {
            let spare = demand.spare.get() * super::network::GRAINS_PER_WH;
            network.asks[at].left += spare;
            network.tier_left[network.asks[at].tier] += spare;
        }
        for (_, slots) in &self.classes[..paid] {
            for &slot in slots {
                network.set_room(site, slot, self.room_at(peak, slot).0);
            }
            augmenter.fill(network);
        }
    }
}
