//! Which events partners hear of, and what they are told.
//!
//! Events carry what the backend itself needs of them. Partners are told of the things that the public
//! API shows, and of these what it shows of them: a field that is not in the table stays inside.

use kernel::Event;
use serde_json::{Map, Value};

/// What partners can tell chargers, and so what they hear of.
const COMMANDS: [&str; 6] =
    ["reset", "unlock", "remote_start", "remote_stop", "change_availability", "trigger_message"];

const DEPOT: &[&str] = &["depot_id", "code", "name", "timezone"];
const CIRCUIT: &[&str] = &["circuit_id", "depot_id", "parent_id", "name", "kind", "limit_kw", "limit_amps"];
const CHARGE_POINT: &[&str] = &["charge_point_id", "identity", "depot_id", "online", "vendor", "model"];
const STATUS: &[&str] =
    &["charge_point_id", "depot_id", "evse_id", "connector_number", "status", "error_code", "at"];
const COMMAND: &[&str] = &["command_id", "charge_point_id", "type", "state"];
const VEHICLE: &[&str] = &["vehicle_id", "fleet_number", "depot_id", "soc_percent", "evse_id"];
const RUN: &[&str] = &[
    "run_id",
    "depot_id",
    "service_date",
    "block",
    "departure_at",
    "arrival_at",
    "vehicle_id",
    "state",
    "departed_at",
    "readiness",
];
const READINESS: &[&str] = &[
    "run_id",
    "depot_id",
    "service_date",
    "block",
    "departure_at",
    "vehicle_id",
    "state",
    "cause",
    "predicted_soc_percent",
    "predicted_ready_at",
    "shortfall_kwh",
    "previous_state",
    "previous_cause",
];
const TRANSACTION: &[&str] = &[
    "id",
    "charge_point_id",
    "depot_id",
    "evse_id",
    "connector_number",
    "vehicle_id",
    "state",
    "started_at",
    "stopped_at",
    "energy_wh",
    "stop_reason",
];
const OVERRIDE: &[&str] = &["priority_override_id", "level", "expires_at"];

/// Every event for partners, and what they are told of its data.
const TOLD: &[(&str, &[&str])] = &[
    ("manage.depot.created.v1", DEPOT),
    ("manage.depot.changed.v1", DEPOT),
    ("manage.depot.deleted.v1", DEPOT),
    ("manage.circuit.created.v1", CIRCUIT),
    ("manage.circuit.changed.v1", CIRCUIT),
    ("manage.circuit.deleted.v1", CIRCUIT),
    ("manage.circuit.limits_changed.v1", &["circuit_id", "depot_id"]),
    ("manage.charge_point.created.v1", CHARGE_POINT),
    ("manage.charge_point.changed.v1", CHARGE_POINT),
    ("manage.charge_point.deleted.v1", CHARGE_POINT),
    ("manage.charge_point.connected.v1", CHARGE_POINT),
    ("manage.charge_point.disconnected.v1", CHARGE_POINT),
    ("manage.charge_point.status_changed.v1", STATUS),
    ("manage.command.requested.v1", COMMAND),
    ("manage.command.finished.v1", COMMAND),
    ("manage.vehicle.created.v1", VEHICLE),
    ("manage.vehicle.changed.v1", VEHICLE),
    ("manage.vehicle.deleted.v1", VEHICLE),
    ("manage.vehicle.plugged_in.v1", VEHICLE),
    ("manage.vehicle.unplugged.v1", VEHICLE),
    ("manage.vehicle.soc_observed.v1", VEHICLE),
    ("manage.run.created.v1", RUN),
    ("manage.run.changed.v1", RUN),
    ("manage.run.deleted.v1", RUN),
    ("manage.run.departed.v1", RUN),
    ("manage.run.cancelled.v1", RUN),
    ("manage.run.readiness_changed.v1", READINESS),
    ("manage.transaction.started.v1", TRANSACTION),
    ("manage.transaction.changed.v1", TRANSACTION),
    ("manage.transaction.stopped.v1", TRANSACTION),
    ("manage.transaction.abandoned.v1", TRANSACTION),
    ("manage.priority_override.created.v1", OVERRIDE),
    ("manage.priority_override.deleted.v1", OVERRIDE),
];

/// What partners are told of an event's data; `None` of one that is not for them.
pub fn told(event: &Event) -> Option<Value> {
    let (_, fields) = TOLD.iter().find(|(name, _)| *name == event.name)?;
    if event.name.starts_with("manage.command.") && !is_for_partners(event) {
        return None;
    }
    let mut data = Map::new();
    for field in *fields {
        if let Some(value) = event.data.get(*field) {
            let shown = if *field == "id" { "transaction_id" } else { *field };
            data.insert(shown.to_owned(), value.clone());
        }
    }
    // Its target is told as the override itself names it.
    for (place, field) in [("/target/vehicle", "vehicle_id"), ("/target/charge_point", "charge_point_id")] {
        if let Some(id) = event.data.pointer(place) {
            data.insert(field.to_owned(), id.clone());
        }
    }
    Some(data.into())
}

/// Whether a command is of a kind that partners know.
fn is_for_partners(event: &Event) -> bool {
    let kind = event.data.get("type").and_then(Value::as_str);
    kind.is_some_and(|kind| COMMANDS.contains(&kind))
}

/// Whether a name is the one wanted; a wanted one that ends with `*` means all that begin so.
pub fn type_matches(wanted: &str, name: &str) -> bool {
    match wanted.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => name == wanted,
    }
}

/// Whether partners are told of any event of this name, or of this beginning with `*`.
pub(super) fn is_told(wanted: &str) -> bool {
    TOLD.iter().any(|(name, _)| type_matches(wanted, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = include_str!("../../../../docs/EVENTS.md");

    #[test]
    fn every_event_that_is_told_is_one_that_happens() {
        for (name, fields) in TOLD {
            assert!(DOCUMENT.contains(&format!("`{name}`")), "{name}");
            assert!(!fields.is_empty(), "{name}");
        }
    }
}
