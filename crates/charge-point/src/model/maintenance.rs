//! Times in which a charger may be down without counting as such.

use kernel::{Actor, ChargePointId, DepotId, MaintenanceWindowId, OrganisationId, Timestamp, Version};
use serde::{Deserialize, Serialize};

use super::uptime::Span;

/// Planned work on a charge point or a whole depot. It does not change; it can be taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MaintenanceWindow {
    pub id: MaintenanceWindowId,
    pub organisation: OrganisationId,
    pub version: Version,
    pub target: MaintenanceTarget,
    pub span: Span,
    pub reason: String,
    pub created_by: Actor,
    pub created_at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaintenanceTarget {
    ChargePoint(ChargePointId),
    /// Every charge point of the depot.
    Depot(DepotId),
}
