//! Energy first: the most important tier gets all that can be delivered, then the next.
//!
//! What a set of vehicles can be given is a polymatroid (Federgruen & Groenevelt, *The greedy
//! procedure for resource allocation problems*, Operations Research 34, 1986): opening the tiers
//! one after another leaves the least unmet energy for any weights that fall from tier to tier.

use super::{augment::Augmenter, network::Network};

/// Opens the tiers one after another; what each can be given.
pub(crate) fn fill_tiers(network: &mut Network, augmenter: &mut Augmenter) -> Vec<i64> {
    let mut totals = Vec::with_capacity(network.tiers.len());
    for tier in 0..network.tiers.len() {
        let wanted: i64 = network.tiers[tier].iter().map(|&demand| network.asks[demand].left).sum();
        network.tier_left[tier] = wanted;
        totals.push(augmenter.fill(network));
        // What could not be given now never can: more of this tier would take from one before it.
        network.tier_left[tier] = 0;
    }
    totals
}
