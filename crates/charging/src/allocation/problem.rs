//! What an allocation is made from: a tree of circuits and the EVSEs on it, addressed by index.
//!
//! [`Problem::new`] is the only way in, so that past it the tree is a tree and no sum overflows.

use kernel::{MilliAmps, W};

use super::phases::Phases;

/// A checked problem. Indices of circuits and EVSEs are positions in the lists given.
#[derive(Clone, Debug)]
pub struct Problem {
    circuits: Vec<CircuitInput>,
    evses: Vec<EvseInput>,
    /// Indices of the circuits, parents before their children.
    order: Vec<usize>,
}

/// A node of the electrical tree. A circuit without limits is legal: it only adds up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CircuitInput {
    /// `None` for a root. Parents may come after their children.
    pub parent: Option<usize>,
    /// Usable active power: the limit in force less its safety margin.
    pub max_power: Option<W>,
    /// Usable current of each phase: the limit in force less its safety margin.
    pub max_current: Option<[MilliAmps; 3]>,
    /// What others draw on this very node. Counts in all nodes above as well.
    pub unmanaged: Load,
    /// Kept free on this very node for what cannot be steered now. Counts above as well.
    pub reserved: Load,
}

/// A load as both kinds of limit see it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    pub power: W,
    pub current: [MilliAmps; 3],
}

impl Load {
    /// A balanced load on `phases`; the current is rounded up. `voltage` is phase to neutral.
    pub fn from_power(power: W, phases: Phases, voltage: u32) -> Self {
        let share = i64::from(voltage.max(1)) * i64::from(phases.count());
        let each = (power.get().saturating_mul(1000) + share - 1).div_euclid(share);
        let mut current = [MilliAmps::ZERO; 3];
        phases.indices().for_each(|index| current[index] = MilliAmps(each));
        Self { power, current }
    }

    /// The same current in each of `phases`; the power is rounded up.
    pub fn from_current(each: MilliAmps, phases: Phases, voltage: u32) -> Self {
        let milliwatts = each.get().saturating_mul(i64::from(voltage) * i64::from(phases.count()));
        let mut current = [MilliAmps::ZERO; 3];
        phases.indices().for_each(|index| current[index] = each);
        Self { power: W(milliwatts.saturating_add(999).div_euclid(1000)), current }
    }
}

/// A charging place and what it asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvseInput {
    pub circuit: usize,
    /// The grid's phases it draws from now: after rotation, and only those the vehicle uses.
    /// [`Phases::ALL`] for DC.
    pub phases: Phases,
    /// Volts, phase to neutral.
    pub voltage: u32,
    pub ask: Ask,
    /// Priority level: 1 is the most important, 9 the least.
    pub tier: u8,
    /// Within a tier the smaller is admitted first: seconds to departure less the seconds that
    /// charging still needs at full rate, or a place in a queue.
    pub laxity: i64,
    pub service: Service,
    /// Decides between equals, so that the order of the list does not: an id will do.
    pub tie_break: u128,
}

/// When what an EVSE asks for is served. By default all of it is, in the usual round.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Service {
    /// As much of it is served in the usual round already; the rest waits for `round`.
    pub planned: Option<W>,
    pub round: Round,
    /// While its minimum does not fit, nobody behind it in its tier takes the room it waits for.
    pub insists: bool,
}

/// A round is served, all its tiers, before the next begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Round {
    /// Ahead of everybody.
    Boost,
    #[default]
    Usual,
    /// What makes up for a plan that is not kept, and what no plan knows.
    Behind,
    /// What nobody else wants.
    Spare,
}

impl Round {
    pub const ALL: [Self; 4] = [Self::Boost, Self::Usual, Self::Behind, Self::Spare];
}

/// What an EVSE asks for, in the quantity it is steered by. A setpoint is zero, or `min` plus whole
/// steps, and never above `max`. A `max` of zero asks for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Current per phase.
    Current { min: MilliAmps, max: MilliAmps, step: MilliAmps },
    /// Power over all its phases.
    Power { min: W, max: W, step: W },
    /// It cannot be reached and may draw this current per phase: reserved, whatever the room.
    ReservedCurrent(MilliAmps),
    /// It cannot be reached and may draw this power: reserved, whatever the room.
    ReservedPower(W),
}

/// Why a problem is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProblemError {
    #[error("circuit {circuit} names parent {parent}, and there are {count} circuits")]
    UnknownParent { circuit: usize, parent: usize, count: usize },
    #[error("circuit {circuit} is its own ancestor")]
    Cycle { circuit: usize },
    #[error("evse {evse} names circuit {circuit}, and there are {count} circuits")]
    UnknownCircuit { evse: usize, circuit: usize, count: usize },
    #[error("circuit {circuit}: {field} is {value}, and must be 0 to {max}")]
    CircuitValue { circuit: usize, field: &'static str, value: i64, max: i64 },
    #[error("evse {evse}: {field} is {value}, and must be {min} to {max}")]
    EvseValue { evse: usize, field: &'static str, value: i64, min: i64, max: i64 },
    #[error("{count} {what} are more than {max}")]
    TooMany { what: &'static str, count: usize, max: usize },
}

/// 10 GW and 10 MA: no depot comes near, and sums in millionths stay inside 63 bits.
const MOST: i64 = 10_000_000_000;
/// 10 MW and 10 kA at one EVSE.
const MOST_AT_EVSE: i64 = 10_000_000;
const MOST_ITEMS: usize = 100_000;

impl Problem {
    /// # Errors
    /// [`ProblemError`] for unknown or circular parents, unknown circuits, and quantities that are
    /// negative or absurdly large.
    pub fn new(circuits: Vec<CircuitInput>, evses: Vec<EvseInput>) -> Result<Self, ProblemError> {
        for (what, count) in [("circuits", circuits.len()), ("evses", evses.len())] {
            if count > MOST_ITEMS {
                return Err(ProblemError::TooMany { what, count, max: MOST_ITEMS });
            }
        }
        let order = parents_first(&circuits)?;
        circuits.iter().enumerate().try_for_each(|(index, circuit)| check_circuit(index, circuit))?;
        for (index, evse) in evses.iter().enumerate() {
            if evse.circuit >= circuits.len() {
                let (circuit, count) = (evse.circuit, circuits.len());
                return Err(ProblemError::UnknownCircuit { evse: index, circuit, count });
            }
            check_evse(index, evse)?;
        }
        Ok(Self { circuits, evses, order })
    }

    pub fn circuits(&self) -> &[CircuitInput] {
        &self.circuits
    }

    pub fn evses(&self) -> &[EvseInput] {
        &self.evses
    }

    pub(super) fn parents_first(&self) -> &[usize] {
        &self.order
    }

    /// The circuits from this one up to its root.
    pub(super) fn path(&self, circuit: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(circuit), |&at| self.circuits[at].parent)
    }
}

/// A walk down from the roots; whatever it does not reach hangs on a cycle.
fn parents_first(circuits: &[CircuitInput]) -> Result<Vec<usize>, ProblemError> {
    let count = circuits.len();
    let mut children = vec![Vec::new(); count];
    let mut order = Vec::with_capacity(count);
    for (circuit, input) in circuits.iter().enumerate() {
        match input.parent {
            None => order.push(circuit),
            Some(parent) if parent < count => children[parent].push(circuit),
            Some(parent) => return Err(ProblemError::UnknownParent { circuit, parent, count }),
        }
    }
    let mut next = 0;
    while next < order.len() {
        order.append(&mut children[order[next]]);
        next += 1;
    }
    if order.len() == count {
        return Ok(order);
    }
    let mut reached = vec![false; count];
    order.iter().for_each(|&circuit| reached[circuit] = true);
    // Walking up `count` times from any unreached circuit ends inside the cycle itself.
    let lost = reached.iter().position(|reached| !reached).unwrap_or_default();
    let inside = (0..count).fold(lost, |at, _| circuits[at].parent.unwrap_or(at));
    Err(ProblemError::Cycle { circuit: inside })
}

fn check_circuit(circuit: usize, input: &CircuitInput) -> Result<(), ProblemError> {
    let powers = [
        ("max_power", input.max_power.unwrap_or_default()),
        ("unmanaged power", input.unmanaged.power),
        ("reserved power", input.reserved.power),
    ];
    let currents = [
        ("max_current", input.max_current.unwrap_or_default()),
        ("unmanaged current", input.unmanaged.current),
        ("reserved current", input.reserved.current),
    ];
    let powers = powers.into_iter().map(|(field, power)| (field, power.get()));
    let currents = currents.into_iter().flat_map(|(field, phases)| phases.map(|each| (field, each.get())));
    for (field, value) in powers.chain(currents) {
        if !(0..=MOST).contains(&value) {
            return Err(ProblemError::CircuitValue { circuit, field, value, max: MOST });
        }
    }
    Ok(())
}

fn check_evse(evse: usize, input: &EvseInput) -> Result<(), ProblemError> {
    let within = |field, value: i64, min, max| {
        if (min..=max).contains(&value) {
            return Ok(());
        }
        Err(ProblemError::EvseValue { evse, field, value, min, max })
    };
    within("voltage", input.voltage.into(), 1, 1_000)?;
    within("tier", input.tier.into(), 1, 9)?;
    let (min, max, step) = match input.ask {
        Ask::Current { min, max, step } => (min.get(), max.get(), step.get()),
        Ask::Power { min, max, step } => (min.get(), max.get(), step.get()),
        Ask::ReservedCurrent(current) => (0, current.get(), 1),
        Ask::ReservedPower(power) => (0, power.get(), 1),
    };
    within("min", min, 0, MOST_AT_EVSE)?;
    within("max", max, 0, MOST_AT_EVSE)?;
    within("step", step, 1, MOST_AT_EVSE)
}
