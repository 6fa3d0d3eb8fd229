//! A store in memory, builders, and the contract that every adapter of the ports must pass.

pub mod contract;
mod contract_commands;
pub mod contract_uptime;
mod fake;
mod fake_rows;
mod fake_uptime;

pub use fake::FakeChargePoints;

use kernel::{
    Actor, ChargePointId, Clock, DepotId, IdSource, Invalid, MilliAmps, OrganisationId, Version, W,
    testing::FakeClock,
};

use crate::model::{
    ChargePoint, ChargePointLive, Command, CommandKind, CommandState, CurrentType, Electrics, Identity,
    Registration, layout,
};

/// A 22 kW AC charger with one EVSE and one connector, in an organisation and a depot of its own.
pub fn charger(ids: &dyn IdSource, identity: &str) -> ChargePoint {
    charger_at(ids, ids.uuid().into(), ids.uuid().into(), identity)
}

/// The same in a given depot.
pub fn charger_at(
    ids: &dyn IdSource,
    organisation: OrganisationId,
    depot: DepotId,
    identity: &str,
) -> ChargePoint {
    let now = FakeClock::default().now();
    let max_power = W(22_000);
    let evses = layout(Vec::new(), &[], max_power, CurrentType::Ac, ids, &mut Invalid::default());
    ChargePoint {
        id: ids.uuid().into(),
        organisation,
        version: Version::FIRST,
        identity: Identity::parse("/identity", identity).expect("a good identity"),
        depot,
        circuit: None,
        zone: None,
        max_power,
        electrics: Electrics {
            current: CurrentType::Ac,
            voltage: 230,
            min_current: MilliAmps(6_000),
            min_power: W::ZERO,
            rate_units: None,
            offline_limit: None,
        },
        security_profile: 0,
        password_hash: None,
        registration: Registration::Accepted,
        evses,
        created_at: now,
        updated_at: now,
        live: ChargePointLive::default(),
    }
}

/// A requested order to a charge point of its own.
pub fn order(ids: &dyn IdSource, kind: CommandKind) -> Command {
    order_to(ids, ids.uuid().into(), ids.uuid().into(), kind)
}

/// The same to a given charge point.
pub fn order_to(
    ids: &dyn IdSource,
    organisation: OrganisationId,
    charge_point: ChargePointId,
    kind: CommandKind,
) -> Command {
    Command {
        id: ids.uuid().into(),
        organisation,
        charge_point,
        version: Version::FIRST,
        kind,
        state: CommandState::Requested,
        result: None,
        replaces: None,
        requested_by: Actor::System,
        requested_at: FakeClock::default().now(),
        sent_at: None,
        finished_at: None,
    }
}
