//! A store in memory, builders, and the contract that every adapter of the ports must pass.

pub mod contract;
mod fake;

pub use fake::FakePriorities;

use chrono::Weekday;
use kernel::{
    Actor, Clock, DepotId, IdSource, OrganisationId, PriorityLevel, TimeOfDay, Timestamp, VehicleId, Version,
    testing::FakeClock,
};

use crate::{
    effective::Facts,
    model::{Conditions, Level, Override, OverrideTarget, Rule, RuleTarget},
};

fn number(level: u8) -> PriorityLevel {
    PriorityLevel::new(level).expect("1 to 9")
}

/// A level of an organisation's own.
pub fn level(ids: &dyn IdSource, organisation: OrganisationId, level: u8, name: &str) -> Level {
    let now = FakeClock::default().now();
    Level {
        id: ids.uuid().into(),
        organisation,
        version: Version::FIRST,
        level: number(level),
        name: name.to_owned(),
        description: None,
        usual: false,
        created_at: now,
        updated_at: now,
    }
}

/// An enabled rule for everybody, without conditions.
pub fn rule(ids: &dyn IdSource, organisation: OrganisationId, position: u32, level: u8) -> Rule {
    let now = FakeClock::default().now();
    Rule {
        id: ids.uuid().into(),
        organisation,
        version: Version::FIRST,
        position,
        name: format!("rule {position}"),
        enabled: true,
        target: RuleTarget::Everybody,
        conditions: Conditions::default(),
        level: number(level),
        created_at: now,
        updated_at: now,
    }
}

/// An override by the backend itself.
pub fn overridden(
    ids: &dyn IdSource,
    organisation: OrganisationId,
    target: OverrideTarget,
    level: u8,
    expires_at: Timestamp,
) -> Override {
    Override {
        id: ids.uuid().into(),
        organisation,
        version: Version::FIRST,
        target,
        level: number(level),
        reason: "because".to_owned(),
        expires_at,
        created_by: Actor::System,
        created_at: FakeClock::default().now(),
    }
}

/// A vehicle at home in a depot, Monday at 08:00, of which nothing else is known.
pub fn facts(depot: DepotId, vehicle: VehicleId) -> Facts {
    Facts {
        now: FakeClock::default().now(),
        wall_clock: (Weekday::Mon, "08:00".parse::<TimeOfDay>().expect("a time")),
        depot,
        charge_point: None,
        vehicle: Some(vehicle),
        own_level: None,
        soc: None,
        minutes_to_departure: None,
        run: None,
        block: None,
        run_level: None,
    }
}
