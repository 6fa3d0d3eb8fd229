//! The links of a problem: their room, and which of them each EVSE uses.
//!
//! A link that cannot fill up, even if
//! everything below it draws all it asks for, is left out of the EVSEs' paths.

use kernel::{MilliAmps, W};

use super::{
    outcome::CircuitUse,
    problem::{Ask, EvseInput, Load, Problem},
    scale::{Amount, MICRO, MICRO_PER_MILLI, Scale},
};

/// Links of one circuit: its power, then its phases.
const KINDS: usize = 4;

/// What is left on every link that can fill up.
pub(super) struct Links {
    pub(super) room: Vec<i64>,
    /// Ends of each EVSE's part of `used`.
    ends: Vec<usize>,
    used: Vec<Hop>,
}

/// A link that an EVSE uses, and how much of it one microampere per phase takes.
#[derive(Clone, Copy)]
pub(super) struct Hop {
    pub(super) link: usize,
    pub(super) weight: i64,
}

impl Hop {
    /// The circuit whose link this is.
    pub(super) fn circuit(self) -> usize {
        self.link / KINDS
    }

    fn is_power(self) -> bool {
        self.link.is_multiple_of(KINDS)
    }

    fn share(self, amount: Amount) -> i64 {
        if self.is_power() { amount.power } else { amount.current }
    }
}

impl Links {
    pub(super) fn new(problem: &Problem) -> Self {
        let room = rooms(problem);
        let limiting = limiting(problem, &room);
        let mut links = Self { room, ends: Vec::with_capacity(problem.evses().len()), used: Vec::new() };
        for evse in problem.evses() {
            if Scale::of(evse).is_some_and(|scale| scale.max > 0) {
                for circuit in problem.path(evse.circuit) {
                    let power = (0, i64::from(evse.voltage) * i64::from(evse.phases.count()));
                    let phases = evse.phases.indices().map(|index| (index + 1, 1));
                    for (kind, weight) in std::iter::once(power).chain(phases) {
                        let link = circuit * KINDS + kind;
                        if limiting[link] {
                            links.used.push(Hop { link, weight });
                        }
                    }
                }
            }
            links.ends.push(links.used.len());
        }
        links
    }

    /// The links of an EVSE that can fill up, from its own circuit to the grid.
    pub(super) fn hops(&self, evse: usize) -> &[Hop] {
        let start = evse.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.used[start..self.ends[evse]]
    }

    /// The first link on the way to the grid on which `more` does not fit.
    pub(super) fn blocked(&self, evse: usize, more: Amount) -> Option<Hop> {
        self.hops(evse).iter().copied().find(|hop| self.room[hop.link] < hop.share(more))
    }

    /// Takes `more` from all links of an EVSE.
    pub(super) fn take(&mut self, evse: usize, more: Amount) {
        self.change(evse, more, -1);
    }

    /// Undoes [`Self::take`].
    pub(super) fn give_back(&mut self, evse: usize, taken: Amount) {
        self.change(evse, taken, 1);
    }

    fn change(&mut self, evse: usize, amount: Amount, sign: i64) {
        let start = evse.checked_sub(1).map_or(0, |before| self.ends[before]);
        for hop in &self.used[start..self.ends[evse]] {
            self.room[hop.link] += sign * hop.share(amount);
        }
    }
}

/// What is kept free for an EVSE that cannot be reached.
pub(super) fn reserve(evse: &EvseInput) -> Option<(MilliAmps, W)> {
    let reserved = match evse.ask {
        Ask::ReservedCurrent(current) => Load::from_current(current, evse.phases, evse.voltage),
        Ask::ReservedPower(power) => Load::from_power(power, evse.phases, evse.voltage),
        Ask::Current { .. } | Ask::Power { .. } => return None,
    };
    let current = evse.phases.indices().map(|index| reserved.current[index]).max().unwrap_or_default();
    Some((current, reserved.power))
}

/// The load of a setpoint as circuits see it.
pub(super) fn load(evse: &EvseInput, current: MilliAmps, power: W) -> Load {
    let mut load = Load { power, current: [MilliAmps::ZERO; 3] };
    evse.phases.indices().for_each(|index| load.current[index] = current);
    load
}

/// Sums over the tree, given what each EVSE is given.
pub(super) fn circuit_use(problem: &Problem, given: impl Iterator<Item = (MilliAmps, W)>) -> Vec<CircuitUse> {
    let mut sums: Vec<CircuitUse> = problem
        .circuits()
        .iter()
        .map(|circuit| {
            let mut unmanaged = circuit.unmanaged;
            add(&mut unmanaged, circuit.reserved);
            CircuitUse { managed: Load::default(), unmanaged }
        })
        .collect();
    for (evse, (current, power)) in problem.evses().iter().zip(given) {
        add(&mut sums[evse.circuit].managed, load(evse, current, power));
    }
    for &circuit in problem.parents_first().iter().rev() {
        if let Some(parent) = problem.circuits()[circuit].parent {
            let below = sums[circuit];
            add(&mut sums[parent].managed, below.managed);
            add(&mut sums[parent].unmanaged, below.unmanaged);
        }
    }
    sums
}

fn add(sum: &mut Load, more: Load) {
    sum.power += more.power;
    sum.current.iter_mut().zip(more.current).for_each(|(sum, more)| *sum += more);
}

/// Limits less unmanaged loads and reserves; `i64::MAX` where there is no limit.
fn rooms(problem: &Problem) -> Vec<i64> {
    let fixed = circuit_use(problem, problem.evses().iter().map(|evse| reserve(evse).unwrap_or_default()));
    let mut rooms = Vec::with_capacity(fixed.len() * KINDS);
    for (circuit, fixed) in problem.circuits().iter().zip(fixed) {
        let power = circuit.max_power.map(|limit| {
            let taken = fixed.managed.power + fixed.unmanaged.power;
            (limit - taken).get().saturating_mul(MICRO)
        });
        rooms.push(power.unwrap_or(i64::MAX));
        for phase in 0..3 {
            let current = circuit.max_current.map(|limit| {
                let taken = fixed.managed.current[phase] + fixed.unmanaged.current[phase];
                (limit[phase] - taken).get().saturating_mul(MICRO_PER_MILLI)
            });
            rooms.push(current.unwrap_or(i64::MAX));
        }
    }
    rooms
}

/// Whether a link can fill up at all. What reaches it from below is at most what is asked for
/// there and what the links below it let through.
fn limiting(problem: &Problem, rooms: &[i64]) -> Vec<bool> {
    let mut reach = vec![0_i64; rooms.len()];
    for evse in problem.evses() {
        let Some(scale) = Scale::of(evse) else { continue };
        let most = scale.amount(scale.max);
        let own = &mut reach[evse.circuit * KINDS..][..KINDS];
        own[0] = own[0].saturating_add(most.power);
        evse.phases.indices().for_each(|index| own[index + 1] = own[index + 1].saturating_add(most.current));
    }
    let mut limiting = vec![false; rooms.len()];
    for &circuit in problem.parents_first().iter().rev() {
        for kind in 0..KINDS {
            let link = circuit * KINDS + kind;
            limiting[link] = reach[link] > rooms[link];
            if let Some(parent) = problem.circuits()[circuit].parent {
                let through = reach[link].min(rooms[link].max(0));
                let above = &mut reach[parent * KINDS + kind];
                *above = above.saturating_add(through);
            }
        }
    }
    limiting
}
