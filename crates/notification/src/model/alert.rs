//! Something that somebody should know of, from when it was first seen until it is over.

use chrono::TimeDelta;
use kernel::{
    Actor, AlertId, ApiKeyId, ChargePointId, CircuitId, DepotId, EvseId, OrganisationId, RunId, Timestamp,
    VehicleId, Version,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::finding::Sighting;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// A charger or a connector reports an error.
    Fault,
    /// A charger has lost its connection and did not come back.
    Offline,
    /// A vehicle is plugged in and does not charge as it should.
    StalledCharging,
    /// A run's vehicle may not be, or will not be, ready at its departure.
    RunAtRisk,
    /// A circuit is measured to carry more than its usable limit.
    LimitExceeded,
    /// A charger draws more than it was told to.
    NotFollowing,
    /// An API key ends soon.
    ApiKeyExpiring,
}

impl AlertKind {
    pub const ALL: [Self; 7] = [
        Self::Fault,
        Self::Offline,
        Self::StalledCharging,
        Self::RunAtRisk,
        Self::LimitExceeded,
        Self::NotFollowing,
        Self::ApiKeyExpiring,
    ];

    /// What people read.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Fault => "fault",
            Self::Offline => "charger offline",
            Self::StalledCharging => "charging stalled",
            Self::RunAtRisk => "run at risk",
            Self::LimitExceeded => "limit exceeded",
            Self::NotFollowing => "charger does not follow",
            Self::ApiKeyExpiring => "API key expires",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Info,
    Warning,
    Critical,
}

impl Severity {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    Open,
    /// Somebody looks after it.
    Acknowledged,
    /// It is over.
    Cleared,
}

/// What an alert is about, as far as that is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    pub depot: Option<DepotId>,
    pub charge_point: Option<ChargePointId>,
    /// Counted over the whole charge point.
    pub connector: Option<u16>,
    pub evse: Option<EvseId>,
    pub vehicle: Option<VehicleId>,
    pub run: Option<RunId>,
    pub circuit: Option<CircuitId>,
    pub api_key: Option<ApiKeyId>,
}

/// Of one kind and subject at most one is not cleared.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Alert {
    pub id: AlertId,
    pub organisation: OrganisationId,
    pub version: Version,
    pub kind: AlertKind,
    /// What it is about, as a key: one thing cannot have the same trouble twice at once.
    pub subject: String,
    pub severity: Severity,
    pub state: AlertState,
    /// One line for people, without names: those may change.
    pub summary: String,
    pub about: About,
    pub details: Value,
    /// How often it was seen.
    pub count: u32,
    /// How often it came back soon after it was over.
    pub reopened: u32,
    pub first_seen_at: Timestamp,
    pub last_seen_at: Timestamp,
    pub acknowledged_at: Option<Timestamp>,
    pub acknowledged_by: Option<Actor>,
    pub note: Option<String>,
    pub cleared_at: Option<Timestamp>,
}

impl Alert {
    /// What comes back within this time is the same trouble, not a new one.
    pub const SAME_WITHIN: TimeDelta = TimeDelta::minutes(15);

    pub fn stands(&self) -> bool {
        self.state != AlertState::Cleared
    }

    /// Whether a sighting at `at` belongs to it.
    pub(crate) fn goes_on(&self, at: Timestamp) -> bool {
        self.cleared_at.is_none_or(|cleared| at - cleared < Self::SAME_WITHIN)
    }

    pub(crate) fn raised(
        id: AlertId,
        organisation: OrganisationId,
        sighting: Sighting,
        at: Timestamp,
    ) -> Self {
        let Sighting { kind, subject, severity, summary, about, details } = sighting;
        Self {
            id,
            organisation,
            version: Version::FIRST,
            kind,
            subject,
            severity,
            state: AlertState::Open,
            summary,
            about,
            details,
            count: 1,
            reopened: 0,
            first_seen_at: at,
            last_seen_at: at,
            acknowledged_at: None,
            acknowledged_by: None,
            note: None,
            cleared_at: None,
        }
    }

    /// Takes up that it was seen again. Says what changed for whoever is told, if anything.
    pub(crate) fn seen(&mut self, sighting: Sighting, at: Timestamp) -> Option<super::Change> {
        let worse = sighting.severity > self.severity;
        let back = !self.stands();
        self.count = self.count.saturating_add(1);
        self.last_seen_at = self.last_seen_at.max(at);
        self.severity = sighting.severity;
        self.summary = sighting.summary;
        self.about = sighting.about;
        self.details = sighting.details;
        if back {
            self.reopened = self.reopened.saturating_add(1);
            self.cleared_at = None;
        }
        if back || worse {
            self.state = AlertState::Open;
            (self.acknowledged_at, self.acknowledged_by, self.note) = (None, None, None);
        }
        match (back, worse) {
            (true, _) => Some(super::Change::Raised),
            (false, true) => Some(super::Change::Worsened),
            (false, false) => None,
        }
    }
}

/// Something that becomes an alert if it still holds at a time.
#[derive(Clone, Debug, PartialEq)]
pub struct Watch {
    pub organisation: OrganisationId,
    pub seen_at: Timestamp,
    pub due_at: Timestamp,
    pub sighting: Sighting,
}
