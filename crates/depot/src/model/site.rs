//! The parts of a yard: zones, and the bays where a vehicle stands.

use kernel::{BayId, ChargePointId, DepotId, OrganisationId, Timestamp, Version, ZoneId};
use serde::Serialize;

/// A named part of a depot: a hall, a row, a workshop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Zone {
    pub id: ZoneId,
    pub organisation: OrganisationId,
    pub depot: DepotId,
    pub version: Version,
    /// Unique within the depot.
    pub code: String,
    pub name: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A place for one vehicle, with or without a charger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bay {
    pub id: BayId,
    pub organisation: OrganisationId,
    pub depot: DepotId,
    pub version: Version,
    pub zone: Option<ZoneId>,
    /// The charger that reaches this bay. Several bays may share one.
    pub charge_point: Option<ChargePointId>,
    /// Unique within the depot.
    pub code: String,
    pub name: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}
