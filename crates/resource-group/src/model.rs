//! What a group is and what it may hold.

use std::collections::BTreeSet;

use kernel::{ChargePointId, DepotId, OrganisationId, ResourceGroupId, Timestamp, VehicleId, Version};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A node of an organisation's tree of groups.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ResourceGroup {
    pub id: ResourceGroupId,
    pub organisation: OrganisationId,
    pub version: Version,
    /// `None` at the top.
    pub parent: Option<ResourceGroupId>,
    /// Different from those beside it.
    pub name: String,
    /// What it holds itself, without those below it and without what depots bring along.
    pub members: BTreeSet<Member>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl ResourceGroup {
    /// The most members one group may have.
    pub const MOST_MEMBERS: usize = 2_000;
}

/// Something a group holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "type", content = "id", rename_all = "snake_case")]
pub enum Member {
    /// With its charge points, and with the vehicles at home there.
    Depot(DepotId),
    ChargePoint(ChargePointId),
    Vehicle(VehicleId),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberKind {
    Depot,
    ChargePoint,
    Vehicle,
}

impl MemberKind {
    pub const ALL: [Self; 3] = [Self::Depot, Self::ChargePoint, Self::Vehicle];

    /// The member of this kind with an id.
    pub fn member(self, id: Uuid) -> Member {
        match self {
            Self::Depot => Member::Depot(id.into()),
            Self::ChargePoint => Member::ChargePoint(id.into()),
            Self::Vehicle => Member::Vehicle(id.into()),
        }
    }
}

impl Member {
    pub fn kind(self) -> MemberKind {
        match self {
            Self::Depot(_) => MemberKind::Depot,
            Self::ChargePoint(_) => MemberKind::ChargePoint,
            Self::Vehicle(_) => MemberKind::Vehicle,
        }
    }

    pub fn id(self) -> Uuid {
        match self {
            Self::Depot(id) => id.into(),
            Self::ChargePoint(id) => id.into(),
            Self::Vehicle(id) => id.into(),
        }
    }
}
