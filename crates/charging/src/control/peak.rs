//! Sharing below a peak that no wire needs but that would cost money to exceed. Money never costs a
//! vehicle what no later slot could give it: whoever is due gets its share as if there were no such
//! peak, and the others share what is left below it.

use kernel::W;

use super::step::{DepotView, EvseView, Steering};
use crate::allocation::{
    Allocation, Ask, CircuitInput, EvseAllocation, EvseInput, Problem, ProblemError, Reason, allocate,
};

/// What everybody gets, and whom the peak keeps down.
pub(super) struct Shares {
    pub(super) allocation: Allocation,
    /// The peak was lower than what the site's circuit carries.
    saves: bool,
}

impl Shares {
    /// # Errors
    /// [`ProblemError`] where the circuits make no tree or a number is absurd.
    pub(super) fn of(view: &DepotView, mut inputs: Vec<EvseInput>) -> Result<Self, ProblemError> {
        let Some(bounds) = view.keeps_peak.and_then(|peak| bounds(&view.circuits, peak)) else {
            let allocation = allocate(&Problem::new(view.circuits.clone(), inputs)?);
            return Ok(Self { allocation, saves: false });
        };
        let mut first = Vec::new();
        if view.evses.iter().any(|evse| evse.due) {
            let wires = allocate(&Problem::new(view.circuits.clone(), inputs.clone())?);
            for (index, evse) in view.evses.iter().enumerate() {
                let share = wires.evses[index];
                if evse.due && share.reason != Reason::OfflineReserve {
                    inputs[index].ask = reserved(evse, &share);
                    first.push((index, share));
                }
            }
        }
        let mut allocation = allocate(&Problem::new(bounds, inputs)?);
        for (index, share) in first {
            allocation.evses[index] = share;
        }
        Ok(Self { allocation, saves: true })
    }

    /// Whether a circuit keeps an EVSE down for money's sake.
    pub(super) fn saves_at(&self, view: &DepotView, evse: &EvseView, circuit: usize) -> bool {
        self.saves && !evse.due && view.circuits.get(circuit).is_some_and(|circuit| circuit.parent.is_none())
    }
}

/// The circuits with the peak at the top; `None` where they carry no more anyway.
fn bounds(circuits: &[CircuitInput], peak: W) -> Option<Vec<CircuitInput>> {
    let mut bounds = circuits.to_vec();
    let tops = bounds.iter_mut().filter(|circuit| circuit.parent.is_none());
    let mut lower = false;
    for top in tops.filter(|top| top.max_power.is_none_or(|limit| peak < limit)) {
        top.max_power = Some(peak);
        lower = true;
    }
    lower.then_some(bounds)
}

fn reserved(evse: &EvseView, share: &EvseAllocation) -> Ask {
    match evse.steering {
        Steering::Current => Ask::ReservedCurrent(share.current),
        Steering::Power => Ask::ReservedPower(share.power),
    }
}
