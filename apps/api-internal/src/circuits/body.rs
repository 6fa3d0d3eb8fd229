//! A circuit and its limits as callers see them.

use chrono::{DateTime, Utc};
use depot::{Circuit, CircuitKind, CircuitLimit};
use kernel::{MilliAmps, W};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Serialize, ToSchema)]
#[schema(as = Circuit)]
pub(crate) struct CircuitBody {
    id: Uuid,
    depot_id: Uuid,
    /// Null for the grid connection.
    #[schema(required)]
    parent_id: Option<Uuid>,
    name: String,
    kind: KindWord,
    /// Total active power. A circuit has a limit in kW, in amps, or both, and then both hold.
    #[schema(required)]
    limit_kw: Option<f64>,
    /// Current per phase.
    #[schema(required)]
    limit_amps: Option<f64>,
    /// 1 or 3.
    phases: i64,
    /// Between a phase and neutral.
    voltage: i64,
    /// The part of any limit that is never used.
    safety_margin_percent: f64,
    /// What each charger on it is taken to draw while offline.
    #[schema(required)]
    fallback_reserve_kw: Option<f64>,
    /// Load of others where no meter tells better.
    unmanaged_load_kw: f64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[schema(as = CircuitKind)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KindWord {
    /// The root of the tree, and only the root.
    GridConnection,
    Transformer,
    Panel,
    Circuit,
}

impl From<Circuit> for CircuitBody {
    fn from(circuit: Circuit) -> Self {
        Self {
            id: circuit.id.into(),
            depot_id: circuit.depot.into(),
            parent_id: circuit.parent.map(Into::into),
            name: circuit.name,
            kind: circuit.kind.into(),
            limit_kw: circuit.limit.power.map(W::to_kilo),
            limit_amps: circuit.limit.current.map(MilliAmps::to_kilo),
            phases: circuit.phases.count(),
            voltage: circuit.voltage.get(),
            safety_margin_percent: circuit.safety_margin.to_percent(),
            fallback_reserve_kw: circuit.fallback_reserve.map(W::to_kilo),
            unmanaged_load_kw: circuit.unmanaged_load.to_kilo(),
            created_at: circuit.created_at,
            updated_at: circuit.updated_at,
        }
    }
}

impl From<CircuitKind> for KindWord {
    fn from(kind: CircuitKind) -> Self {
        match kind {
            CircuitKind::GridConnection => Self::GridConnection,
            CircuitKind::Transformer => Self::Transformer,
            CircuitKind::Panel => Self::Panel,
            CircuitKind::Circuit => Self::Circuit,
        }
    }
}

impl From<KindWord> for CircuitKind {
    fn from(word: KindWord) -> Self {
        match word {
            KindWord::GridConnection => Self::GridConnection,
            KindWord::Transformer => Self::Transformer,
            KindWord::Panel => Self::Panel,
            KindWord::Circuit => Self::Circuit,
        }
    }
}

/// A limit from the two numbers that callers write.
pub(super) fn limit(kw: Option<f64>, amps: Option<f64>) -> CircuitLimit {
    CircuitLimit { power: kw.map(W::from_kilo), current: amps.map(MilliAmps::from_kilo) }
}
