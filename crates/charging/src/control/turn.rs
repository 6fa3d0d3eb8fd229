//! Who comes first within a tier where not all minimums fit, so that nobody starves and nobody
//! flaps.
//!
//! Whoever was switched on stays on for a turn, whoever was switched off rests. In between they
//! queue: first those who have waited for half a window for each that waits with them, the longest
//! first; then those who cannot wait for a window more without being late, the least laxity first;
//! then by the energy received in this window, the least first. Waiting is thus never longer than
//! a window for each member of the queue.

use kernel::{Timestamp, TransactionId, Wh};
use serde::{Deserialize, Serialize};

use super::{
    pace::Pace,
    step::{DepotView, EvseView},
};

/// Where a vehicle stands in the rotation, from one step to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    pub transaction: TransactionId,
    /// Whether it is told to charge.
    pub on: bool,
    /// Since when it is on, or waits.
    pub since: Timestamp,
    /// It waits because it was switched off.
    pub was_on: bool,
    /// The window that counts, by its number since the epoch.
    pub window: i64,
    /// What it had received when the window began.
    pub received_before: Wh,
}

impl Turn {
    /// Takes up whether it is told to charge, and what it has received in all.
    pub(super) fn follow(
        before: Option<Self>,
        transaction: TransactionId,
        on: bool,
        received: Wh,
        (now, pace): (Timestamp, &Pace),
    ) -> Self {
        let window = now.timestamp().div_euclid(pace.window.num_seconds().max(1));
        let new = Self { transaction, on, since: now, was_on: false, window, received_before: received };
        let Some(mut turn) = before.filter(|turn| turn.transaction == transaction) else { return new };
        if turn.on != on {
            turn = Self { on, since: now, was_on: turn.on, ..turn };
        }
        if turn.window != window {
            turn = Self { window, received_before: received, ..turn };
        }
        turn
    }

    /// Switched on, and its turn is not over.
    pub(super) fn holds(&self, now: Timestamp, pace: &Pace) -> bool {
        self.on && now - self.since < pace.turn
    }

    /// Switched off a moment ago.
    pub(super) fn rests(&self, now: Timestamp, pace: &Pace) -> bool {
        !self.on && self.was_on && now - self.since < pace.rest
    }
}

/// What the queue says of one EVSE.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// Its place among all of its depot.
    pub(super) order: i64,
    /// It has waited so long that nobody behind it may take the room it waits for.
    pub(super) insists: bool,
    pub(super) rests: bool,
}

/// The first of these comes first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Holds(Timestamp),
    Overdue(Timestamp),
    Pressed(i64),
    Waits {
        received: Wh,
        since: Timestamp,
        laxity: i64,
    },
    /// It draws nothing although it may.
    Idle(Timestamp),
}

/// The places of all EVSEs of a depot, by their indices.
pub(super) fn queue(view: &DepotView) -> Vec<Place> {
    let members = Members::count(view);
    let mut ranks: Vec<(u8, Rank, u128, usize)> = Vec::with_capacity(view.evses.len());
    for (index, evse) in view.evses.iter().enumerate() {
        let rank = rank(view, evse, &members);
        ranks.push((evse.tier, rank, evse.setpoint.evse.as_uuid().as_u128(), index));
    }
    ranks.sort_unstable();
    let mut places = vec![Place::default(); view.evses.len()];
    for (order, (_, rank, _, index)) in (0..).zip(ranks) {
        let turn = view.evses[index].setpoint.turn;
        places[index] = Place {
            order,
            insists: matches!(rank, Rank::Overdue(_)),
            rests: turn.is_some_and(|turn| turn.rests(view.now, &view.pace)),
        };
    }
    places
}

fn rank(view: &DepotView, evse: &EvseView, members: &Members) -> Rank {
    let (now, pace) = (view.now, &view.pace);
    let received_and_since = |turn: Turn| (evse.received - turn.received_before, turn.since);
    let Some(turn) = evse.setpoint.turn else {
        return Rank::Waits { received: Wh(0), since: now, laxity: evse.laxity };
    };
    if turn.holds(now, pace) {
        return Rank::Holds(turn.since);
    }
    if evse.idle {
        return Rank::Idle(turn.since);
    }
    if !turn.on && (now - turn.since) * 2 >= pace.window * members.beside(evse) {
        return Rank::Overdue(turn.since);
    }
    if evse.laxity < pace.window.num_seconds() {
        return Rank::Pressed(evse.laxity);
    }
    let (received, since) = received_and_since(turn);
    // Who is on has not begun to wait.
    let since = if turn.on { now } else { since };
    Rank::Waits { received, since, laxity: evse.laxity }
}

/// How many of each tier want to charge below each circuit.
struct Members(Vec<[i32; 10]>);

impl Members {
    fn count(view: &DepotView) -> Self {
        let mut counts = vec![[0; 10]; view.circuits.len()];
        for evse in view.evses.iter().filter(|evse| evse.setpoint.turn.is_some()) {
            let mut at = Some(evse.circuit);
            // A path is never longer than there are circuits, whatever the input.
            for _ in 0..view.circuits.len() {
                let Some(circuit) = at.filter(|circuit| *circuit < counts.len()) else { break };
                counts[circuit][usize::from(evse.tier.min(9))] += 1;
                at = view.circuits[circuit].parent;
            }
        }
        Self(counts)
    }

    /// The members of the queue that an EVSE waits in: its tier, below the circuit that has no room.
    fn beside(&self, evse: &EvseView) -> i32 {
        let circuit = evse.binding.unwrap_or(evse.circuit);
        self.0.get(circuit).map_or(1, |tiers| tiers[usize::from(evse.tier.min(9))]).max(1)
    }
}
