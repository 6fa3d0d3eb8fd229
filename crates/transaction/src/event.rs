//! What this domain tells others.

use kernel::{Clock, Event, IdSource};
use serde_json::json;

use crate::model::Transaction;

pub const STARTED: &str = "manage.transaction.started.v1";
/// It was suspended or goes on, or its vehicle became known.
pub const CHANGED: &str = "manage.transaction.changed.v1";
pub const STOPPED: &str = "manage.transaction.stopped.v1";
pub const ABANDONED: &str = "manage.transaction.abandoned.v1";

/// An event about a transaction as it now is.
pub(crate) fn transaction(
    clock: &dyn Clock,
    ids: &dyn IdSource,
    name: &'static str,
    transaction: &Transaction,
) -> Event {
    let data = json!({
        "id": transaction.id,
        "ocpp_transaction_id": transaction.number,
        "charge_point_id": transaction.place.charge_point,
        "depot_id": transaction.place.depot,
        "evse_id": transaction.place.evse,
        "connector_number": transaction.place.connector,
        "vehicle_id": transaction.vehicle,
        "id_tag": transaction.id_tag,
        "state": transaction.state,
        "started_at": transaction.started_at,
        "stopped_at": transaction.stopped_at,
        "energy_wh": transaction.energy,
        "stop_reason": transaction.stop_reason,
        "flags": transaction.flags,
    });
    Event::new(clock, ids, transaction.organisation, name, &transaction.id, data)
}
