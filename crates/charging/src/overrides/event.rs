//! The facts that overrides publish.

use kernel::{Clock, Event, IdSource};
use serde_json::json;

use super::model::ChargingOverride;

pub const CREATED: &str = "manage.charging_override.created.v1";
pub const DELETED: &str = "manage.charging_override.deleted.v1";

pub(super) fn overridden(
    clock: &dyn Clock,
    ids: &dyn IdSource,
    name: &'static str,
    over: &ChargingOverride,
) -> Event {
    let data = json!({
        "charging_override_id": over.id,
        "target": over.target,
        "action": over.action,
        "reason": over.reason,
        "expires_at": over.expires_at,
    });
    Event::new(clock, ids, over.organisation, name, &over.id, data)
}
