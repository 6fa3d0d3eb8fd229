//! The whole tree of a depot in one reading, and what each node allows at an instant.

use std::{collections::BTreeMap, sync::Arc};

use kernel::{CircuitId, LimitWindowId, MilliAmps, Timestamp, W};
use serde::Serialize;

use crate::model::{
    Circuit, CircuitLimit, Depot, ExternalLimits, LimitWindow, LoadState, Phases, TimeZone, Volts,
};

/// A depot's electrical tree. Cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub struct Topology {
    pub depot: Arc<Depot>,
    /// Parents before their children; the first is the root.
    pub circuits: Arc<[CircuitNode]>,
    /// Only nodes that were ever measured.
    pub loads: BTreeMap<CircuitId, LoadState>,
}

/// A node with everything that limits it.
#[derive(Clone, Debug, PartialEq)]
pub struct CircuitNode {
    pub circuit: Circuit,
    pub windows: Vec<LimitWindow>,
    pub externals: Vec<ExternalLimits>,
}

impl CircuitNode {
    pub fn effective_limit(&self, zone: TimeZone, at: Timestamp) -> EffectiveLimit {
        effective_limit(&self.circuit, &self.windows, &self.externals, zone, at)
    }
}

impl Topology {
    pub fn root(&self) -> Option<&CircuitNode> {
        self.circuits.first()
    }

    pub fn node(&self, id: CircuitId) -> Option<&CircuitNode> {
        self.circuits.iter().find(|node| node.circuit.id == id)
    }

    /// The nodes from this one up to the root.
    pub fn path(&self, id: CircuitId) -> impl Iterator<Item = &CircuitNode> {
        let mut next = self.node(id);
        std::iter::from_fn(move || {
            let here = next?;
            next = here.circuit.parent.and_then(|parent| self.node(parent));
            Some(here)
        })
    }

    /// What a node allows, by its own limits alone; `None` for a node of another depot.
    pub fn effective_limit(&self, id: CircuitId, at: Timestamp) -> Option<EffectiveLimit> {
        self.node(id).map(|node| node.effective_limit(self.depot.time_zone, at))
    }

    /// The load of others on this very node to reckon with, see [`LoadState::reckoned`]. It counts
    /// in all nodes above as well.
    pub fn unmanaged_load(&self, node: &CircuitNode, at: Timestamp) -> W {
        let state = self.loads.get(&node.circuit.id).copied().unwrap_or_default();
        state.reckoned(node.circuit.unmanaged_load, at)
    }

    /// The load of others in the whole tree.
    pub fn unmanaged_total(&self, at: Timestamp) -> W {
        self.circuits.iter().map(|node| self.unmanaged_load(node, at)).sum()
    }

    /// What an offline charger on this node is taken to draw, as the nearest node that says so;
    /// `None` where none does.
    pub fn fallback_reserve(&self, id: CircuitId) -> Option<W> {
        self.path(id).find_map(|node| node.circuit.fallback_reserve)
    }
}

/// Which rule set a bound.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    Permanent,
    Window(LimitWindowId),
    /// The source that asked for it.
    External(String),
}

/// One quantity that may not be exceeded, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bound<Q> {
    pub value: Q,
    /// The value less the safety margin: what may be used.
    pub usable: Q,
    pub basis: Basis,
}

/// What a node allows at one instant. At least one of the two bounds is there; both hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EffectiveLimit {
    /// Total active power.
    pub power: Option<Bound<W>>,
    /// Current per phase.
    pub current: Option<Bound<MilliAmps>>,
    pub phases: Phases,
    pub voltage: Volts,
}

impl EffectiveLimit {
    /// Both bounds as one total power, before the margin.
    pub fn total_power(&self) -> Option<W> {
        self.as_power(|bound| bound.value, |bound| bound.value)
    }

    /// Both bounds as one total power that may be used.
    pub fn usable_power(&self) -> Option<W> {
        self.as_power(|bound| bound.usable, |bound| bound.usable)
    }

    fn as_power(
        &self,
        power: impl Fn(&Bound<W>) -> W,
        current: impl Fn(&Bound<MilliAmps>) -> MilliAmps,
    ) -> Option<W> {
        let by_current = self.current.as_ref().map(|bound| self.voltage.power(current(bound), self.phases));
        self.power.as_ref().map(power).into_iter().chain(by_current).min()
    }
}

/// What a node allows at an instant: the strongest active window, else the permanent limit, and
/// never more than any external limit that holds; then less the safety margin, rounded down.
///
/// Among active windows the highest precedence wins, and among equals the lowest limit. Power and
/// current are reckoned apart: where the winning windows name only one of them, the permanent
/// limit goes on in the other.
pub fn effective_limit(
    circuit: &Circuit,
    windows: &[LimitWindow],
    externals: &[ExternalLimits],
    zone: TimeZone,
    at: Timestamp,
) -> EffectiveLimit {
    let active = || windows.iter().filter(|window| window.schedule.active(zone, at));
    let strongest = active().map(|window| window.precedence).max();
    let winners = || active().filter(|window| Some(window.precedence) == strongest);
    let outside = || {
        externals.iter().flat_map(|list| list.active(at).map(move |external| (&list.source, external.limit)))
    };
    let bound = |quantity: &dyn Fn(CircuitLimit) -> Option<i64>| {
        let permanent = quantity(circuit.limit).map(|value| (value, Basis::Permanent));
        let own = winners()
            .filter_map(|window| Some((quantity(window.limit)?, Basis::Window(window.id))))
            .min_by_key(|(value, _)| *value)
            .or(permanent);
        let external = outside()
            .filter_map(|(source, limit)| Some((quantity(limit)?, Basis::External(source.clone()))))
            .min_by_key(|(value, _)| *value);
        own.into_iter().chain(external).min_by_key(|(value, _)| *value)
    };
    let margin = circuit.safety_margin;
    EffectiveLimit {
        power: bound(&|limit| limit.power.map(W::get)).map(|(value, basis)| Bound {
            value: W(value),
            usable: W(margin.less(value)),
            basis,
        }),
        current: bound(&|limit| limit.current.map(MilliAmps::get)).map(|(value, basis)| Bound {
            value: MilliAmps(value),
            usable: MilliAmps(margin.less(value)),
            basis,
        }),
        phases: circuit.phases,
        voltage: circuit.voltage,
    }
}
