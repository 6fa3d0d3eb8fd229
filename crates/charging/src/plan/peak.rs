//! The site's highest power, where it costs money: as high as the saved energy cost is worth.
//!
//! Energy cost is convex in the peak and made of straight pieces, so the tangents of two peaks cross
//! below the optimum; the next guess is where they do (Kelley, *The cutting-plane method for solving
//! convex programs*, 1960). A few tangents are enough, where a search by intervals would need dozens.

use super::{
    augment::Augmenter,
    network::Network,
    price::{Bill, Market},
    problem::Problem,
};

/// Tangents at most; the best peak so far is taken after them.
const MOST_TANGENTS: usize = 48;
/// The search ends when no peak can be cheaper by more than this share: one in a million.
const CLOSE_ENOUGH: i128 = 1_000_000;

/// A peak with what it costs, and what flows then.
pub(crate) struct Peak {
    pub(crate) network: Network,
    pub(crate) bill: Bill,
    /// The lowest peak at which everything can still be delivered, where it was looked for.
    pub(crate) least: Option<i64>,
}

pub(crate) fn cheapest(
    problem: &Problem,
    market: &Market,
    network: &mut Network,
    augmenter: &mut Augmenter,
) -> Peak {
    let before = network.flow.clone();
    let target = problem.tariff.target.map(|target| target.peak.get());
    let highest = market.highest_peak();
    if problem.tariff.demand == 0 && target.is_none() {
        let bill = market.buy(network, augmenter, highest, &before);
        return Peak { network: network.clone(), bill, least: None };
    }
    let floor = market.lowest_peak().max(problem.tariff.peak_so_far.get());
    let least = least_peak(market, network, augmenter, floor, &before);
    let ceiling = target.map_or(highest, |target| highest.min(target.max(least))).max(least);
    let mut search = Search { demand: i128::from(problem.tariff.demand) * 60, floor, tangents: 0 };
    let mut peak = search.run(market, network, augmenter, least..=ceiling, &before);
    peak.least = Some(least);
    peak
}

/// The lowest peak at which all can be delivered: from below, by the slope of each minimum cut.
fn least_peak(
    market: &Market,
    network: &mut Network,
    augmenter: &mut Augmenter,
    floor: i64,
    before: &[i64],
) -> i64 {
    let slots: Vec<usize> = (0..network.slots).collect();
    market.close(network);
    market.open(network, floor, &slots, before);
    let mut peak = floor;
    loop {
        augmenter.fill(network);
        let left: i64 = network.tier_left.iter().sum();
        let reached = |slot: &&usize| augmenter.levels.reached.has(network.tree.site, **slot);
        let held = slots.iter().filter(|slot| market.room_at(peak, **slot).1 && !reached(slot)).count();
        let Ok(held @ 1..) = i64::try_from(held) else { return peak };
        if left == 0 {
            return peak;
        }
        let per_watt = held * market.minutes();
        peak += (left + per_watt - 1) / per_watt;
        for &slot in &slots {
            network.set_room(network.tree.site, slot, market.room_at(peak, slot).0);
        }
    }
}

struct Search {
    /// What a watt of peak costs, in the unit of bills.
    demand: i128,
    /// Up to here a peak costs nothing.
    floor: i64,
    tangents: usize,
}

impl Search {
    fn run(
        &mut self,
        market: &Market,
        network: &mut Network,
        augmenter: &mut Augmenter,
        peaks: std::ops::RangeInclusive<i64>,
        hint: &[i64],
    ) -> Peak {
        let mut high = market.buy(network, augmenter, *peaks.end(), hint);
        // Where nothing holds the peak down, the cost is level from the actual peak on.
        if high.slope == 0 {
            high.peak = market.peak_of(network).clamp(*peaks.start(), *peaks.end());
        }
        let mut best = Peak { network: network.clone(), bill: high, least: None };
        if self.slope(&high) <= 0 || high.peak == *peaks.start() {
            return best;
        }
        let mut low = market.buy(network, augmenter, *peaks.start(), &best.network.flow);
        self.keep(&mut best, low, network);
        while self.slope(&low) < 0 && high.peak - low.peak > 1 && self.tangents < MOST_TANGENTS {
            let (peak, bound) = self.crossing(&low, &high);
            let now = self.cost(&best.bill);
            if now - bound <= now.abs() / CLOSE_ENOUGH {
                break;
            }
            let middle = market.buy(network, augmenter, peak, &best.network.flow);
            self.keep(&mut best, middle, network);
            if self.slope(&middle) < 0 {
                low = middle;
            } else {
                high = middle;
            }
        }
        best
    }

    fn keep(&mut self, best: &mut Peak, bill: Bill, network: &Network) {
        self.tangents += 1;
        let better = bill.complete && self.cost(&bill) < self.cost(&best.bill);
        if better || !best.bill.complete {
            best.bill = bill;
            best.network.clone_from(network);
        }
    }

    fn cost(&self, bill: &Bill) -> i128 {
        bill.energy + self.demand * i128::from((bill.peak - self.floor).max(0))
    }

    fn slope(&self, bill: &Bill) -> i128 {
        bill.slope + self.demand
    }

    /// Where two tangents cross, strictly between their peaks, and how low the cost can be there.
    fn crossing(&self, low: &Bill, high: &Bill) -> (i64, i128) {
        let (falling, rising) = (self.slope(low), self.slope(high));
        let width = i128::from(high.peak) - i128::from(low.peak);
        // Both tangents as heights above the low peak.
        let (at_low, at_high) = (self.cost(low), self.cost(high) - rising * width);
        let steps = (at_low - at_high).div_euclid((rising - falling).max(1)).clamp(1, width - 1);
        let bound = [steps, steps + 1].map(|step| (at_low + falling * step).max(at_high + rising * step));
        let peak = low.peak + i64::try_from(steps).unwrap_or(1);
        (peak, bound[0].min(bound[1]))
    }
}
