//! How much room is left on the links of a tree, given what is out among the chargers.

use kernel::W;

use crate::allocation::{CircuitInput, Load, Phases};

/// What is still free on every circuit, in power and in the current of each phase. Below zero
/// where a limit has fallen under what is out.
pub(super) struct Room<'a> {
    circuits: &'a [CircuitInput],
    power: Vec<Option<i64>>,
    current: Vec<Option<[i64; 3]>>,
}

impl<'a> Room<'a> {
    /// The room of empty circuits: limits less what others draw.
    pub(super) fn new(circuits: &'a [CircuitInput]) -> Self {
        let power = circuits.iter().map(|circuit| circuit.max_power.map(W::get)).collect();
        let current = circuits
            .iter()
            .map(|circuit| circuit.max_current.map(|each| each.map(kernel::MilliAmps::get)))
            .collect();
        let mut room = Self { circuits, power, current };
        for (index, circuit) in circuits.iter().enumerate() {
            room.take(index, circuit.unmanaged);
            room.take(index, circuit.reserved);
        }
        room
    }

    /// The circuits from this one up to its root.
    pub(super) fn path(&self, circuit: usize) -> impl Iterator<Item = usize> + use<'a> {
        let circuits = self.circuits;
        std::iter::successors(Some(circuit), move |at| circuits.get(*at).and_then(|circuit| circuit.parent))
            .take(circuits.len())
    }

    /// Takes a load out of the room of a circuit and all above.
    pub(super) fn take(&mut self, circuit: usize, load: Load) {
        for at in self.path(circuit).collect::<Vec<_>>() {
            if let Some(power) = &mut self.power[at] {
                *power -= load.power.get();
            }
            if let Some(current) = &mut self.current[at] {
                for (left, taken) in current.iter_mut().zip(load.current) {
                    *left -= taken.get();
                }
            }
        }
    }

    /// How much more may be drawn at a circuit, over these phases at this voltage.
    pub(super) fn above(&self, circuit: usize, phases: Phases, voltage: u32) -> W {
        let mut least = i64::MAX;
        for at in self.path(circuit) {
            if let Some(power) = self.power[at] {
                least = least.min(power);
            }
            if let Some(current) = self.current[at] {
                let tightest = phases.indices().map(|index| current[index]).min().unwrap_or(0);
                let share = i64::from(voltage) * i64::from(phases.count());
                least = least.min(tightest.saturating_mul(share).div_euclid(1_000));
            }
        }
        W(least)
    }

    /// Whether any circuit is out of room.
    pub(super) fn is_short(&self) -> bool {
        self.power.iter().flatten().any(|power| *power < 0)
            || self.current.iter().flatten().flatten().any(|current| *current < 0)
    }
}
