//! A store of overrides in memory, a builder, and the contract that every adapter must pass.

pub mod contract;
mod fake;

pub use fake::FakeOverrides;

use kernel::{Actor, Clock, IdSource, OrganisationId, Timestamp, Version, testing::FakeClock};

use super::model::{ChargingOverride, OverrideAction, OverrideTarget};

/// An override by the backend itself.
pub fn overridden(
    ids: &dyn IdSource,
    organisation: OrganisationId,
    (target, action): (OverrideTarget, OverrideAction),
    expires_at: Timestamp,
) -> ChargingOverride {
    ChargingOverride {
        id: ids.uuid().into(),
        organisation,
        version: Version::FIRST,
        target,
        action,
        reason: "because".to_owned(),
        expires_at,
        created_by: Actor::System,
        created_at: FakeClock::default().now(),
    }
}
