//! What a circuit allows in a slot: the lowest of all that holds at some instant of it.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use depot::{CircuitNode, Schedule, TimeZone};
use kernel::{Timestamp, W};

use super::grid::{Grid, SLOT_MINUTES};

/// The lowest limit of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotLimit {
    /// Before the margin, for people to see.
    pub limit: Option<W>,
    /// Less the margin; `None` where nothing limits it.
    pub usable: Option<W>,
}

/// By slot. Limits in amps count as the power they carry, at the circuit's voltage and phases.
pub fn slot_limits(node: &CircuitNode, zone: TimeZone, grid: &Grid) -> Vec<SlotLimit> {
    if node.windows.is_empty() && node.externals.is_empty() {
        return vec![limit_at(node, zone, grid.now); grid.slots];
    }
    let changes = Changes::of(node);
    let lowest = |slot: usize| {
        let mut lowest = limit_at(node, zone, grid.at(slot).max(grid.now));
        for at in changes.within(zone, grid.at(slot)).into_iter().filter(|at| *at >= grid.now) {
            let there = limit_at(node, zone, at);
            if there.usable.is_some_and(|usable| lowest.usable.is_none_or(|lowest| usable < lowest)) {
                lowest = there;
            }
        }
        lowest
    };
    (0..grid.slots).map(lowest).collect()
}

fn limit_at(node: &CircuitNode, zone: TimeZone, at: Timestamp) -> SlotLimit {
    let limit = node.effective_limit(zone, at);
    SlotLimit { limit: limit.total_power(), usable: limit.usable_power() }
}

/// When the limits of a node may change.
struct Changes {
    once: BTreeSet<Timestamp>,
    /// Minutes of any day, by the depot's clock.
    daily: BTreeSet<u16>,
}

impl Changes {
    fn of(node: &CircuitNode) -> Self {
        let mut changes = Self { once: BTreeSet::new(), daily: BTreeSet::new() };
        for window in &node.windows {
            match window.schedule {
                Schedule::Once { from, to } => changes.once.extend([from, to]),
                Schedule::Weekly(band) => {
                    changes.daily.extend([band.from().minutes(), band.to().minutes()]);
                }
            }
        }
        for external in &node.externals {
            changes.once.insert(external.expires_at);
            changes.once.extend(external.limits.iter().flat_map(|limit| [limit.from, limit.to]));
        }
        changes
    }

    /// Those inside a slot. No clock is changed there, so the wall's minutes run on.
    fn within(&self, zone: TimeZone, begin: Timestamp) -> Vec<Timestamp> {
        let end = begin + TimeDelta::minutes(SLOT_MINUTES.into());
        let (_, wall) = zone.wall_clock(begin);
        let first = wall.minutes() + 1;
        let daily = self.daily.range(first..wall.minutes() + SLOT_MINUTES);
        let daily = daily.map(|minute| begin + TimeDelta::minutes(i64::from(minute - wall.minutes())));
        self.once.range(begin..end).copied().chain(daily).collect()
    }
}
