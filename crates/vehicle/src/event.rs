//! The facts this domain publishes.

use kernel::{Clock, Event, IdSource};
use serde_json::json;

use crate::model::{IdTag, Vehicle};

pub const VEHICLE_CREATED: &str = "manage.vehicle.created.v1";
pub const VEHICLE_CHANGED: &str = "manage.vehicle.changed.v1";
pub const VEHICLE_DELETED: &str = "manage.vehicle.deleted.v1";
pub const VEHICLE_SOC_OBSERVED: &str = "manage.vehicle.soc_observed.v1";
pub const VEHICLE_PLUGGED_IN: &str = "manage.vehicle.plugged_in.v1";
pub const VEHICLE_UNPLUGGED: &str = "manage.vehicle.unplugged.v1";
pub const ID_TAG_CHANGED: &str = "manage.id_tag.changed.v1";

pub(crate) fn vehicle(clock: &dyn Clock, ids: &dyn IdSource, name: &'static str, vehicle: &Vehicle) -> Event {
    let data = json!({
        "vehicle_id": vehicle.id,
        "fleet_number": vehicle.fleet_number,
        "depot_id": vehicle.depot,
        "state": vehicle.state(),
        "soc_percent": vehicle.soc.map(|soc| soc.soc.to_percent()),
        "evse_id": vehicle.plugged_in,
    });
    Event::new(clock, ids, vehicle.organisation, name, &vehicle.id, data)
}

pub(crate) fn id_tag(clock: &dyn Clock, ids: &dyn IdSource, tag: &IdTag) -> Event {
    let data = json!({ "id_tag_id": tag.id, "vehicle_id": tag.vehicle, "status": tag.status });
    Event::new(clock, ids, tag.organisation, ID_TAG_CHANGED, &tag.id, data)
}
