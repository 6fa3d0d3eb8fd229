//! What a step found, as it is told to whoever asks.

use kernel::W;

use crate::{
    control::{Depot, DepotView, Setpoint, Target},
    port::{DepotAllocation, EvseShare, NodeUse},
};

pub(super) fn report(
    depot: &Depot,
    view: &DepotView,
    setpoints: &[Setpoint],
    targets: &[Target],
) -> DepotAllocation {
    let evses = view.evses.iter().zip(setpoints).zip(targets).map(|((evse, setpoint), target)| EvseShare {
        evse: setpoint.evse,
        charge_point: setpoint.charge_point,
        setpoint: setpoint.told().unwrap_or(W::ZERO),
        confirmed: setpoint.pending.is_empty() && setpoint.confirmed.is_some(),
        target: target.power,
        measured: evse.measured,
        demand: evse.demand,
        binding: setpoint.binding,
        priority_level: evse.tier,
        tier_source: evse.tier_source,
        reason: setpoint.reason,
        plan: evse.plan,
        over: evse.over,
        not_following: setpoint.following.lost_at.is_some(),
        online: evse.online,
    });
    let exposure = |index: usize| {
        let (evse, setpoint) = (&view.evses[index], &setpoints[index]);
        EvseExposure {
            circuit: evse.circuit,
            used: evse.exposure().max(setpoint.exposure(evse.unlimited)),
            measured: evse.measured.unwrap_or(W::ZERO),
        }
    };
    let exposures: Vec<EvseExposure> = (0..view.evses.len()).map(exposure).collect();
    let nodes = depot.topology.circuits.iter().enumerate().map(|(index, node)| {
        let limit = node.effective_limit(depot.topology.depot.time_zone, depot.now);
        let below = |circuit: usize| {
            std::iter::successors(Some(circuit), |at| {
                view.circuits.get(*at).and_then(|circuit| circuit.parent)
            })
            .take(view.circuits.len())
            .any(|at| at == index)
        };
        let own = exposures.iter().filter(|exposure| below(exposure.circuit));
        NodeUse {
            circuit: node.circuit.id,
            limit: limit.total_power(),
            usable: limit.usable_power(),
            used: own.clone().map(|exposure| exposure.used).sum(),
            measured: own.map(|exposure| exposure.measured).sum(),
            unmanaged: (0..view.circuits.len())
                .filter(|circuit| below(*circuit))
                .map(|circuit| view.circuits[circuit].unmanaged.power)
                .sum(),
        }
    });
    DepotAllocation {
        depot: depot.topology.depot.id,
        computed_at: depot.now,
        plan_use: view.plan_use,
        plan_computed_at: depot.plan.as_ref().map(|plan| plan.computed_at),
        evses: evses.collect(),
        circuits: nodes.collect(),
    }
}

struct EvseExposure {
    circuit: usize,
    used: W,
    measured: W,
}
