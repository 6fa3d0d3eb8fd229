//! For tests of any crate: builders, and the contract that every store of depots must pass.

mod contract;

use kernel::{
    Clock, IdSource, OrganisationId, Version, W,
    testing::{CountingIds, FakeClock},
};

pub use contract::{Store, contract};

use crate::model::{
    ChargingStrategy, Circuit, CircuitKind, CircuitLimit, Depot, Margin, Phases, TimeZone, Volts,
};

/// A depot in Berlin.
pub fn depot(ids: &CountingIds, organisation: OrganisationId, code: &str) -> Depot {
    let now = FakeClock::default().now();
    Depot {
        id: ids.uuid().into(),
        organisation,
        version: Version::FIRST,
        code: code.to_owned(),
        name: format!("Depot {code}"),
        time_zone: "Europe/Berlin".parse().unwrap_or(TimeZone::UTC),
        address: None,
        location: None,
        charging_strategy: ChargingStrategy::default(),
        use_spare_room: false,
        created_at: now,
        updated_at: now,
    }
}

/// A three-phase circuit of 100 kW; the grid connection where it has no parent.
pub fn circuit(ids: &CountingIds, depot: &Depot, parent: Option<&Circuit>) -> Circuit {
    let now = FakeClock::default().now();
    Circuit {
        id: ids.uuid().into(),
        organisation: depot.organisation,
        depot: depot.id,
        version: Version::FIRST,
        parent: parent.map(|parent| parent.id),
        name: "circuit".to_owned(),
        kind: if parent.is_some() { CircuitKind::Circuit } else { CircuitKind::GridConnection },
        limit: CircuitLimit::power(W(100_000)),
        phases: Phases::Three,
        voltage: Volts::default(),
        safety_margin: Margin::NONE,
        fallback_reserve: None,
        unmanaged_load: W::ZERO,
        created_at: now,
        updated_at: now,
    }
}
