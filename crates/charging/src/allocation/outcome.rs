//! What an allocation says: a setpoint and its reason for every EVSE, a sum for every circuit.

use kernel::{MilliAmps, W};

use super::problem::Load;

/// Setpoints for every EVSE of a problem, by the same indices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allocation {
    pub evses: Vec<EvseAllocation>,
    pub circuits: Vec<CircuitUse>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EvseAllocation {
    /// Current per phase in use. For an EVSE steered by power: what that power draws, rounded up.
    pub current: MilliAmps,
    /// Power over all phases. For an EVSE steered by current: what that current draws, rounded up.
    pub power: W,
    pub reason: Reason,
}

/// What is given out below a circuit, reserves of offline EVSEs included, and what others draw.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CircuitUse {
    /// Setpoints and reserves of the EVSEs below.
    pub managed: Load,
    /// Unmanaged loads and reserves of this circuit and all below.
    pub unmanaged: Load,
}

/// Why an EVSE has the setpoint it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// It asks for nothing.
    NotCharging,
    /// It has all it asked for, to the last whole step.
    DemandMet,
    /// One more step does not fit on this circuit: the first one with no room on the way to the grid.
    CircuitLimit(usize),
    /// It is off: its minimum does not fit on this circuit, after more important EVSEs' minimums.
    BelowMinimum(usize),
    /// It is off: what it asks for is less than its own minimum.
    DemandBelowMinimum,
    /// It cannot be reached; what it may draw is kept free.
    OfflineReserve,
}

impl Reason {
    /// The name outside this program; stable.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotCharging => "not_charging",
            Self::DemandMet => "demand_met",
            Self::CircuitLimit(_) => "circuit_limit",
            Self::BelowMinimum(_) => "below_minimum",
            Self::DemandBelowMinimum => "demand_below_minimum",
            Self::OfflineReserve => "offline_reserve",
        }
    }

    /// The circuit that keeps the setpoint down, where one does.
    pub const fn binding_circuit(self) -> Option<usize> {
        match self {
            Self::CircuitLimit(circuit) | Self::BelowMinimum(circuit) => Some(circuit),
            Self::NotCharging | Self::DemandMet | Self::DemandBelowMinimum | Self::OfflineReserve => None,
        }
    }
}
