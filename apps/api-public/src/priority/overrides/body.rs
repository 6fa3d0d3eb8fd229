//! An override as partners see it.

use chrono::{DateTime, Utc};
use priority::{Override, OverrideTarget};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A level set by hand, for a time. It concerns a vehicle, or whoever is plugged in at a charge
/// point.
#[derive(Serialize, ToSchema)]
#[schema(as = PriorityOverride)]
pub(crate) struct OverrideBody {
    id: Uuid,
    #[schema(required)]
    vehicle_id: Option<Uuid>,
    #[schema(required)]
    charge_point_id: Option<Uuid>,
    /// 1 is the most important, 9 the least.
    #[schema(minimum = 1, maximum = 9)]
    level: u8,
    reason: String,
    /// From then on it does nothing.
    expires_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
}

impl From<Override> for OverrideBody {
    fn from(over: Override) -> Self {
        let (vehicle, charge_point) = match over.target {
            OverrideTarget::Vehicle(id) => (Some(id.into()), None),
            OverrideTarget::ChargePoint(id) => (None, Some(id.into())),
        };
        Self {
            id: over.id.into(),
            vehicle_id: vehicle,
            charge_point_id: charge_point,
            level: over.level.get(),
            reason: over.reason,
            expires_at: over.expires_at,
            created_at: over.created_at,
        }
    }
}
