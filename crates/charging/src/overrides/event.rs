//! The facts that overrides publish.

use kernel::{ChargePointId, Clock, Event, IdSource};
use serde_json::json;

use super::model::ChargingOverride;

pub const CREATED: &str = "manage.charging_override.created.v1";
pub const DELETED: &str = "manage.charging_override.deleted.v1";

/// `charge_point` is the one that the EVSE of its target is part of: by that it is heard in groups, also
/// once it is no more.
pub(super) fn overridden(
    clock: &dyn Clock,
    ids: &dyn IdSource,
    name: &'static str,
    over: &ChargingOverride,
    charge_point: Option<ChargePointId>,
) -> Event {
    let data = json!({
        "charging_override_id": over.id,
        "target": over.target,
        "charge_point_id": charge_point,
        "action": over.action,
        "reason": over.reason,
        "expires_at": over.expires_at,
    });
    Event::new(clock, ids, over.organisation, name, &over.id, data)
}
