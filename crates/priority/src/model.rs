//! Levels, rules and overrides.

use kernel::{
    Actor, ChargePointId, DepotId, OrganisationId, PriorityLevel, PriorityLevelId, PriorityOverrideId,
    PriorityRuleId, Soc, Timestamp, VehicleId, Version, WeekBand,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What an organisation calls one number of the scale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Level {
    pub id: PriorityLevelId,
    pub organisation: OrganisationId,
    pub version: Version,
    /// Unique within the organisation.
    pub level: PriorityLevel,
    pub name: String,
    pub description: Option<String>,
    /// One of those that an organisation has until it makes its own. They do not change.
    pub usual: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// The scale of an organisation that has made none.
const USUAL: [(u8, &str, &str); 5] = [
    (1, "Critical", "Leaves no matter what."),
    (3, "High", "Before the usual."),
    (5, "Normal", "Where nothing else is said."),
    (7, "Low", "After the usual."),
    (9, "Last", "With what nobody else wants."),
];

impl Level {
    /// The levels of an organisation that has made none: the same ids for everybody.
    pub fn usual(organisation: OrganisationId) -> Vec<Self> {
        let level = |(number, name, description): (u8, &str, &str)| Self {
            id: Uuid::from_u128((0x7000_8000_u128 << 48) | u128::from(number)).into(),
            organisation,
            version: Version::FIRST,
            level: PriorityLevel::new(number).unwrap_or_default(),
            name: name.to_owned(),
            description: Some(description.to_owned()),
            usual: true,
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
        };
        USUAL.into_iter().map(level).collect()
    }
}

/// Gives a level to whom it concerns, while its conditions hold. Of several, the first by position
/// counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rule {
    pub id: PriorityRuleId,
    pub organisation: OrganisationId,
    pub version: Version,
    /// From 1, without gaps, unique within the organisation.
    pub position: u32,
    pub name: String,
    pub enabled: bool,
    pub target: RuleTarget,
    pub conditions: Conditions,
    pub level: PriorityLevel,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Whom a rule concerns.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleTarget {
    #[default]
    Everybody,
    Vehicle(VehicleId),
    /// A group or class, by its members.
    Vehicles(Vec<VehicleId>),
    /// Whoever is plugged in there.
    ChargePoint(ChargePointId),
    /// Whoever is plugged in there, or at home there and plugged in nowhere.
    Depot(DepotId),
    /// Whoever runs this block next.
    Block(String),
}

impl RuleTarget {
    /// The most vehicles a group may have.
    pub const MOST_VEHICLES: usize = 2_000;
}

/// When a rule applies: all that is named must hold, and what is not known does not hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Conditions {
    pub soc_below: Option<Soc>,
    pub soc_above: Option<Soc>,
    /// The next departure is less than so many minutes away.
    pub minutes_to_departure_below: Option<u32>,
    /// By the clock of the depot.
    pub window: Option<WeekBand>,
}

/// A level set by hand, for a time. It wins over every rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Override {
    pub id: PriorityOverrideId,
    pub organisation: OrganisationId,
    pub version: Version,
    pub target: OverrideTarget,
    pub level: PriorityLevel,
    pub reason: String,
    pub expires_at: Timestamp,
    pub created_by: Actor,
    pub created_at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverrideTarget {
    Vehicle(VehicleId),
    /// Whoever is plugged in there.
    ChargePoint(ChargePointId),
}

impl Override {
    /// The instant of its expiry no longer counts.
    pub fn active(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }
}
