//! A depot at a glance.

use kernel::{DepotId, Timestamp, W};
use serde::Serialize;

use super::load::LoadState;
use crate::topology::{EffectiveLimit, Topology};

/// What other domains know about a depot right now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DepotLive {
    pub charge_points: u32,
    pub charge_points_online: u32,
    /// Connectors by what they report; one that never reported counts in the total only.
    pub connectors: u32,
    pub connectors_available: u32,
    /// With a vehicle: preparing, charging, suspended or finishing.
    pub connectors_occupied: u32,
    pub connectors_faulted: u32,
    pub sessions_active: u32,
    pub vehicles: u32,
    pub vehicles_plugged_in: u32,
    /// The latest power of the running sessions, summed.
    pub measured_power: W,
}

/// What an operator sees first.
#[derive(Clone, Debug, PartialEq)]
pub struct Overview {
    pub depot: DepotId,
    pub at: Timestamp,
    pub live: DepotLive,
    pub circuits: u32,
    /// The limit of the grid connection that holds now; `None` without one.
    pub limit: Option<W>,
    /// The limit less its safety margin.
    pub usable_limit: Option<W>,
    /// The load of others to reckon with, in the whole tree.
    pub unmanaged_load: W,
    pub risks: Vec<Risk>,
}

/// What may keep the depot from doing its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    /// No grid connection is described: nothing limits the charging.
    NoGridConnection,
    /// Charging and other load together are above the limit.
    OverLimit,
    /// They are above 95 % of what may be used.
    NearLimit,
    /// A meter fell silent; the worst of its history is reckoned with.
    StaleMeter,
    ChargePointsOffline,
    ConnectorsFaulted,
}

impl Overview {
    /// Puts together what the readers found.
    pub fn compose(topology: &Topology, live: DepotLive, at: Timestamp) -> Self {
        let root = topology.root();
        let limit = root.and_then(|root| topology.effective_limit(root.circuit.id, at));
        let unmanaged_load = topology.unmanaged_total(at);
        let mut overview = Self {
            depot: topology.depot.id,
            at,
            live,
            circuits: u32::try_from(topology.circuits.len()).unwrap_or(u32::MAX),
            limit: limit.as_ref().and_then(EffectiveLimit::total_power),
            usable_limit: limit.as_ref().and_then(EffectiveLimit::usable_power),
            unmanaged_load,
            risks: Vec::new(),
        };
        overview.risks = overview.assess(topology.loads.values(), root.is_some());
        overview
    }

    fn assess<'a>(&self, loads: impl Iterator<Item = &'a LoadState>, rooted: bool) -> Vec<Risk> {
        let used = self.live.measured_power + self.unmanaged_load;
        let mut risks = Vec::new();
        let mut note = |holds: bool, risk| {
            if holds {
                risks.push(risk);
            }
        };
        let over = self.limit.is_some_and(|limit| used > limit);
        let near = self
            .usable_limit
            .is_some_and(|usable| used.get().saturating_mul(100) > usable.get().saturating_mul(95));
        note(!rooted, Risk::NoGridConnection);
        note(over, Risk::OverLimit);
        note(near && !over, Risk::NearLimit);
        let mut loads = loads.filter(|load| load.latest.is_some());
        note(loads.any(|load| !load.is_fresh(self.at)), Risk::StaleMeter);
        note(self.live.charge_points_online < self.live.charge_points, Risk::ChargePointsOffline);
        note(self.live.connectors_faulted > 0, Risk::ConnectorsFaulted);
        risks
    }
}
