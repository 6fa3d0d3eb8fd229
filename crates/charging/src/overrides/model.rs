//! What is set by hand.

use kernel::{
    Actor, ChargePointId, ChargingOverrideId, EvseId, OrganisationId, Timestamp, VehicleId, Version, W,
};
use serde::{Deserialize, Serialize};

/// Set by hand, for a time. It does not change: another takes its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChargingOverride {
    pub id: ChargingOverrideId,
    pub organisation: OrganisationId,
    pub version: Version,
    pub target: OverrideTarget,
    pub action: OverrideAction,
    pub reason: String,
    pub expires_at: Timestamp,
    pub created_by: Actor,
    pub created_at: Timestamp,
}

/// Whom it concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverrideTarget {
    /// Every EVSE of it.
    ChargePoint(ChargePointId),
    Evse(EvseId),
    /// Wherever it is plugged in.
    Vehicle(VehicleId),
}

/// What it does. Of several that concern an EVSE a pause wins, then the lowest limit counts; a boost
/// and a strategy are those of the newest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverrideAction {
    /// No more than this. Less than the charger can charge with pauses it.
    Limit(W),
    /// Nothing at all.
    Pause,
    /// All it can take, ahead of every tier, within what circuits allow.
    Boost,
    /// As if its depot shared like this.
    Strategy(OverrideStrategy),
}

/// The strategies that can be given to one EVSE or vehicle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverrideStrategy {
    /// Like the middle of the scale, whatever its priority.
    EqualShare,
    /// By its priority, without regard to the plan.
    Priority,
    /// By the plan, where there is one.
    Scheduled,
}

impl ChargingOverride {
    /// The instant of its expiry no longer counts.
    pub fn active(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }

    /// Whether it concerns an EVSE with this vehicle at it.
    pub fn concerns(&self, charge_point: ChargePointId, evse: EvseId, vehicle: Option<VehicleId>) -> bool {
        match self.target {
            OverrideTarget::ChargePoint(id) => id == charge_point,
            OverrideTarget::Evse(id) => id == evse,
            OverrideTarget::Vehicle(id) => Some(id) == vehicle,
        }
    }
}
