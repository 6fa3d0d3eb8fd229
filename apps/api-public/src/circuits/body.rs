//! A circuit as partners see it.

use depot::{Circuit, CircuitKind, CircuitLimit};
use kernel::{MilliAmps, W};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::words::words;

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
}

words! {
    KindWord as CircuitKind for CircuitKind {
        /// The root of the tree, and only the root.
        GridConnection,
        Transformer,
        Panel,
        Circuit,
    }
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
        }
    }
}

/// A limit from the two numbers that callers write.
pub(super) fn limit(kw: Option<f64>, amps: Option<f64>) -> CircuitLimit {
    CircuitLimit { power: kw.map(W::from_kilo), current: amps.map(MilliAmps::from_kilo) }
}
