//! What a plan says: energy by slot, what it costs, and why somebody got too little.

use kernel::{W, Wh};

/// A plan for every demand of a problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// By demand, in their order: energy of each slot of the horizon.
    pub energy: Vec<Vec<WattMinutes>>,
    /// The demands that get less than they need, and why.
    pub shortfalls: Vec<Shortfall>,
    pub bill: PlanBill,
    /// Where the depot has a target for its peak.
    pub target: Option<TargetKept>,
    /// Slots in which a demand draws less than its charger can give, all in all.
    pub below_least: usize,
}

/// Energy as the planner reckons: both a watt over a slot and a watt-hour are whole numbers of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WattMinutes(pub i64);

impl WattMinutes {
    /// The power that gives this much in so many minutes.
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    pub fn to_kilowatts(self, minutes: u16) -> f64 {
        self.0 as f64 / f64::from(minutes.max(1)) / 1000.0
    }

    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    pub fn to_kilowatt_hours(self) -> f64 {
        self.0 as f64 / 60_000.0
    }
}

/// Money, in millionths of the currency of the tariff.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlanBill {
    pub energy: i64,
    pub demand: i64,
    /// The site's highest power, with its unmanaged load.
    pub peak: W,
}

/// A demand that is not met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shortfall {
    pub demand: usize,
    pub unmet: WattMinutes,
    /// How much of it is more than the vehicle could take at full power all the time.
    pub beyond_power: WattMinutes,
    /// Circuits without room, in the slots that would help; empty where only its own power limits it.
    pub binding: Vec<Binding>,
}

/// A circuit that is full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    pub circuit: usize,
    pub slots: Vec<usize>,
    /// Whether it is the target for the peak that is full, in all these slots, and not a wire.
    pub target: bool,
}

/// What became of the target for the peak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TargetKept {
    pub target: W,
    /// By how much the site's peak exceeds it: on purpose, for somebody who would miss energy.
    pub excess: W,
    /// What that excess costs, in millionths of the currency.
    pub cost: i64,
}

/// Energy of less importance than a watt-hour is no shortfall.
pub(crate) const NEGLIGIBLE: Wh = Wh(1);
