//! What the planner is asked: a tree with the room of every slot, demands, and prices.
//!
//! Limits, margins and unmanaged loads are settled by the caller into one number a circuit and
//! slot, the *room*; a vehicle is one [`Demand`], or two where it is also preconditioned.

use kernel::{W, Wh};

use super::curve::Battery;

/// Slots at most: four weeks of quarters of an hour.
pub(crate) const MOST_SLOTS: usize = 2_688;
/// Demands × slots at most: what a plan may take in memory and time.
pub(crate) const MOST_CELLS: usize = 8_000_000;
/// Circuits on a way to the grid at most.
pub(crate) const DEEPEST: usize = 32;
/// Ten gigawatts: more than any site has, and far below what would overflow.
pub(crate) const MOST_POWER: i64 = 10_000_000_000;
/// As much energy, in watt-hours.
pub(crate) const MOST_ENERGY: i64 = 10_000_000_000;
/// A million per kWh or kW, in millionths.
pub(crate) const MOST_PRICE: i64 = 1_000_000_000_000;

/// A planning problem; [`Problem::new`] makes sure that it can be planned.
#[derive(Clone, Debug)]
pub struct Problem {
    pub(super) horizon: Horizon,
    pub(super) circuits: Vec<CircuitRoom>,
    pub(super) demands: Vec<Demand>,
    pub(super) tariff: Tariff,
}

/// The time planned for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Horizon {
    pub slots: usize,
    /// 1 to 1,440.
    pub slot_minutes: u16,
}

/// A node of the tree.
#[derive(Clone, Debug)]
pub struct CircuitRoom {
    /// Position of its parent; the one circuit without is the site.
    pub parent: Option<usize>,
    /// What chargers below may draw together, by slot; below zero counts as zero.
    pub room: Vec<W>,
}

/// Energy wanted at one place in one stretch of time.
#[derive(Clone, Debug)]
pub struct Demand {
    pub circuit: usize,
    /// The first slot of the stay.
    pub arrival: usize,
    /// The slot after its last one.
    pub departure: usize,
    /// Priority level, 1 is served first.
    pub tier: u8,
    /// Energy wanted, on the grid's side.
    pub need: Wh,
    /// What would fit beyond the need: taken only where a kWh earns money.
    pub spare: Wh,
    /// The highest power of each slot of the stay, the first at `arrival`.
    pub most: Vec<W>,
    /// The lowest power that charges at all, by slot as `most`: as a mean, it is less where only part of
    /// the slot is there for it.
    pub least: Vec<W>,
    /// Where the highest power falls as the battery fills.
    pub battery: Option<Battery>,
}

impl Demand {
    /// The lowest power of a slot of its stay; nothing in others.
    pub(super) fn least_in(&self, slot: usize) -> W {
        let offset = slot.checked_sub(self.arrival);
        offset.and_then(|offset| self.least.get(offset)).copied().unwrap_or_default()
    }
}

/// What energy and its peaks cost, in millionths of the currency.
#[derive(Clone, Debug)]
pub struct Tariff {
    /// Per kWh, by slot; may be negative.
    pub energy: Vec<i64>,
    /// Per kW by which the site's highest power exceeds `peak_so_far`.
    pub demand: i64,
    /// The highest power of the accounting period until now.
    pub peak_so_far: W,
    /// The site's unmanaged load, by slot: it counts in the peak.
    pub unmanaged: Vec<W>,
    /// A peak that the depot wants to keep, though no wire needs it.
    pub target: Option<DemandTarget>,
}

/// A peak to be kept for money's sake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DemandTarget {
    pub peak: W,
    /// Whether it gives way, as little as needed, where a vehicle would otherwise miss energy.
    pub may_be_broken: bool,
}

/// Why something is no problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProblemError {
    #[error(
        "slots must be 1 to {MOST_SLOTS}, their minutes 1 to 1440, and demands × slots at most {MOST_CELLS}"
    )]
    Size,
    #[error("circuit {0} has no place in one tree below one site, at most {DEEPEST} deep")]
    Tree(usize),
    #[error("circuit {0} does not have a room for every slot, or one out of range")]
    Room(usize),
    #[error("demand {0} is at no circuit, in no slots, or out of range")]
    Demand(usize),
    #[error("the tariff lacks slots, or is out of range")]
    Tariff,
}

impl Problem {
    /// # Errors
    /// The first thing that cannot be.
    pub fn new(
        horizon: Horizon,
        circuits: Vec<CircuitRoom>,
        demands: Vec<Demand>,
        tariff: Tariff,
    ) -> Result<Self, ProblemError> {
        let problem = Self { horizon, circuits, demands, tariff };
        problem.check_size()?;
        problem.check_tree()?;
        problem.check_tariff()?;
        let wrong = problem.demands.iter().position(|demand| !problem.is_possible(demand));
        wrong.map_or(Ok(problem), |at| Err(ProblemError::Demand(at)))
    }

    pub fn horizon(&self) -> Horizon {
        self.horizon
    }

    pub fn circuits(&self) -> &[CircuitRoom] {
        &self.circuits
    }

    pub fn demands(&self) -> &[Demand] {
        &self.demands
    }

    pub fn tariff(&self) -> &Tariff {
        &self.tariff
    }

    fn check_size(&self) -> Result<(), ProblemError> {
        let Horizon { slots, slot_minutes } = self.horizon;
        let cells = slots.saturating_mul(self.demands.len().max(self.circuits.len()));
        let fits = (1..=MOST_SLOTS).contains(&slots) && (1..=1440).contains(&slot_minutes);
        if fits && cells <= MOST_CELLS { Ok(()) } else { Err(ProblemError::Size) }
    }

    fn check_tree(&self) -> Result<(), ProblemError> {
        let roots = self.circuits.iter().filter(|circuit| circuit.parent.is_none()).count();
        if roots != 1 {
            return Err(ProblemError::Tree(0));
        }
        for (at, circuit) in self.circuits.iter().enumerate() {
            let mut above = circuit.parent;
            for _ in 0..DEEPEST {
                let Some(parent) = above else { break };
                above = self.circuits.get(parent).ok_or(ProblemError::Tree(at))?.parent;
            }
            if above.is_some() {
                return Err(ProblemError::Tree(at));
            }
            let sane = |room: &W| (-MOST_POWER..=MOST_POWER).contains(&room.get());
            if circuit.room.len() != self.horizon.slots || !circuit.room.iter().all(sane) {
                return Err(ProblemError::Room(at));
            }
        }
        Ok(())
    }

    fn check_tariff(&self) -> Result<(), ProblemError> {
        let Tariff { energy, demand, peak_so_far, unmanaged, target } = &self.tariff;
        let complete = energy.len() == self.horizon.slots && unmanaged.len() == self.horizon.slots;
        let prices = energy.iter().all(|price| (-MOST_PRICE..=MOST_PRICE).contains(price));
        let powers = unmanaged.iter().chain([peak_so_far]).chain(target.iter().map(|target| &target.peak));
        let sane = powers.into_iter().all(|power| (0..=MOST_POWER).contains(&power.get()));
        if complete && prices && sane && (0..=MOST_PRICE).contains(demand) {
            Ok(())
        } else {
            Err(ProblemError::Tariff)
        }
    }

    fn is_possible(&self, demand: &Demand) -> bool {
        let energy = |energy: Wh| (0..=MOST_ENERGY).contains(&energy.get());
        let power = |power: &W| (0..=MOST_POWER).contains(&power.get());
        demand.circuit < self.circuits.len()
            && demand.arrival < demand.departure
            && demand.departure <= self.horizon.slots
            && demand.most.len() == demand.departure - demand.arrival
            && energy(demand.need)
            && energy(demand.spare)
            && demand.least.len() == demand.most.len()
            && demand.least.iter().all(power)
            && demand.most.iter().all(power)
    }
}
