//! A maintenance window as callers see it.

use charge_point::{MaintenanceTarget, MaintenanceWindow};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::audit::ActorBody;

/// A time in which a charge point, or every one of a depot, may be down without counting as such.
#[derive(Serialize, ToSchema)]
#[schema(as = MaintenanceWindow)]
pub(super) struct WindowBody {
    id: Uuid,
    #[schema(required)]
    charge_point_id: Option<Uuid>,
    #[schema(required)]
    depot_id: Option<Uuid>,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    reason: String,
    created_by: ActorBody,
    created_at: DateTime<Utc>,
}

impl From<MaintenanceWindow> for WindowBody {
    fn from(window: MaintenanceWindow) -> Self {
        let (charge_point_id, depot_id) = match window.target {
            MaintenanceTarget::ChargePoint(id) => (Some(id.into()), None),
            MaintenanceTarget::Depot(id) => (None, Some(id.into())),
        };
        Self {
            id: window.id.into(),
            charge_point_id,
            depot_id,
            from: window.span.from,
            to: window.span.to,
            reason: window.reason,
            created_by: window.created_by.into(),
            created_at: window.created_at,
        }
    }
}
