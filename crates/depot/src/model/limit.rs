//! Limits: the permanent one, windows that replace it for a time, and those set from outside.

use kernel::{CircuitId, DepotId, LimitWindowId, MilliAmps, OrganisationId, Timestamp, Version, W, WeekBand};
use serde::{Deserialize, Serialize};

use super::depot::TimeZone;

/// How much may flow through a node: in total power, in current per phase, or both, and then both
/// hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CircuitLimit {
    pub power: Option<W>,
    pub current: Option<MilliAmps>,
}

impl CircuitLimit {
    pub const fn power(power: W) -> Self {
        Self { power: Some(power), current: None }
    }

    pub const fn current(current: MilliAmps) -> Self {
        Self { power: None, current: Some(current) }
    }

    /// Whether it limits nothing.
    pub const fn is_empty(&self) -> bool {
        self.power.is_none() && self.current.is_none()
    }
}

/// A limit that takes the place of the permanent one for a time. In a quantity that it does not
/// name, the permanent limit goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LimitWindow {
    pub id: LimitWindowId,
    pub organisation: OrganisationId,
    pub depot: DepotId,
    pub circuit: CircuitId,
    pub version: Version,
    pub name: Option<String>,
    pub precedence: Precedence,
    pub schedule: Schedule,
    pub limit: CircuitLimit,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Which of several active windows wins: 0 the weakest, 10 the strongest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Precedence(u8);

impl Precedence {
    /// `None` above 10.
    pub const fn new(precedence: u8) -> Option<Self> {
        if precedence <= 10 { Some(Self(precedence)) } else { None }
    }

    pub const fn get(self) -> u8 {
        self.0
    }
}

/// When a window is active.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    /// Every week, by the depot's clock.
    Weekly(WeekBand),
    /// Once, from an instant (inclusive) to another (exclusive).
    Once { from: Timestamp, to: Timestamp },
}

impl Schedule {
    pub fn active(&self, zone: TimeZone, at: Timestamp) -> bool {
        match self {
            Self::Weekly(band) => {
                let (weekday, time) = zone.wall_clock(at);
                band.contains(weekday, time)
            }
            Self::Once { from, to } => *from <= at && at < *to,
        }
    }
}

/// Everything that one source (a utility, a site controller) wants of one node. A newer list
/// replaces the whole of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExternalLimits {
    pub organisation: OrganisationId,
    pub depot: DepotId,
    pub circuit: CircuitId,
    pub source: String,
    /// From then on the list is void: a source that fell silent does not bind for ever.
    pub expires_at: Timestamp,
    /// In the order of their beginning.
    pub limits: Vec<ExternalLimit>,
    pub received_at: Timestamp,
}

/// One period of an external list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExternalLimit {
    /// Inclusive.
    pub from: Timestamp,
    /// Exclusive.
    pub to: Timestamp,
    pub limit: CircuitLimit,
}

impl ExternalLimits {
    /// The limits of this list that hold at an instant.
    pub fn active(&self, at: Timestamp) -> impl Iterator<Item = &ExternalLimit> {
        let live = at < self.expires_at;
        self.limits.iter().filter(move |limit| live && limit.from <= at && at < limit.to)
    }
}
