//! What events say about things that somebody should know of.
//!
//! Events of other domains are read tolerantly: a field that is missing makes the finding poorer,
//! and an event that cannot be understood finds nothing.

use chrono::TimeDelta;
use kernel::{ChargePointId, CircuitId, DepotId, Event, RunId, VehicleId};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::model::{About, AlertKind, Severity};

/// Something was seen that is, or may become, an alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sighting {
    pub kind: AlertKind,
    pub subject: String,
    pub severity: Severity,
    pub summary: String,
    pub about: About,
    pub details: Value,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    Seen(Sighting),
    /// It becomes an alert if it is not over within a time.
    Maybe(Sighting, TimeDelta),
    Over {
        kind: AlertKind,
        subject: String,
    },
    /// The thing is no more: whatever was wrong with it is over.
    Gone(Thing),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    ChargePoint(ChargePointId),
    Circuit(CircuitId),
    Depot(DepotId),
    Run(RunId),
    Vehicle(VehicleId),
}

/// How long something may last before it is an alert.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    pub offline: TimeDelta,
}

/// Everything that an event says.
pub fn find(event: &Event, patience: Patience) -> Vec<Finding> {
    let Some(name) = event.name.strip_suffix(".v1") else { return Vec::new() };
    let data = &event.data;
    let found = match name {
        "manage.charge_point.status_changed" => status(data),
        "manage.charge_point.disconnected" => {
            one(offline(data).map(|sighting| Finding::Maybe(sighting, patience.offline)))
        }
        "manage.charge_point.connected" => one(over(AlertKind::Offline, text(data, "charge_point_id"))),
        "manage.run.readiness_changed" => readiness(data),
        "manage.evse.not_following" => one(not_following(data).map(Finding::Seen)),
        "manage.evse.following_again" => one(over(AlertKind::NotFollowing, text(data, "evse_id"))),
        "manage.api_key.revoked" => one(over(AlertKind::ApiKeyExpiring, text(data, "api_key_id"))),
        "manage.charge_point.deleted" => one(gone(data, "charge_point_id", Thing::ChargePoint)),
        "manage.circuit.deleted" => one(gone(data, "circuit_id", Thing::Circuit)),
        "manage.depot.deleted" => one(gone(data, "depot_id", Thing::Depot)),
        "manage.run.deleted" => one(gone(data, "run_id", Thing::Run)),
        "manage.vehicle.deleted" => one(gone(data, "vehicle_id", Thing::Vehicle)),
        _ => None,
    };
    found.unwrap_or_default()
}

fn one(finding: Option<Finding>) -> Option<Vec<Finding>> {
    finding.map(|finding| vec![finding])
}

fn over(kind: AlertKind, subject: Option<&str>) -> Option<Finding> {
    Some(Finding::Over { kind, subject: subject?.to_owned() })
}

fn gone<T: DeserializeOwned>(data: &Value, field: &str, thing: impl Fn(T) -> Thing) -> Option<Finding> {
    read(data, field).map(|id| Finding::Gone(thing(id)))
}

fn text<'a>(data: &'a Value, field: &str) -> Option<&'a str> {
    data.get(field)?.as_str()
}

/// A field, where it is there and of that kind.
fn read<T: DeserializeOwned>(data: &Value, field: &str) -> Option<T> {
    T::deserialize(data.get(field)?).ok()
}

/// Error words of OCPP that do not keep a vehicle from charging.
const MINOR: [&str; 3] = ["WeakSignal", "LocalListConflict", "ReaderFailure"];

fn status(data: &Value) -> Option<Vec<Finding>> {
    let charge_point: ChargePointId = read(data, "charge_point_id")?;
    let connector: u16 = read(data, "connector_number").unwrap_or(0);
    let faulted = text(data, "status")? == "faulted";
    let error = text(data, "error_code").filter(|code| *code != "NoError");
    let subject = format!("{charge_point}:{connector}");
    if !faulted && error.is_none() {
        return Some(vec![Finding::Over { kind: AlertKind::Fault, subject }]);
    }
    let severity = match error {
        _ if faulted => Severity::Critical,
        Some(code) if MINOR.contains(&code) => Severity::Info,
        _ => Severity::Warning,
    };
    let place = match connector {
        0 => "the charger".to_owned(),
        connector => format!("connector {connector}"),
    };
    let what = if faulted { "is faulted" } else { "reports an error" };
    let summary = match error {
        Some(code) => format!("{place} {what}: {code}"),
        None => format!("{place} {what}"),
    };
    let about = About {
        depot: read(data, "depot_id"),
        charge_point: Some(charge_point),
        connector: (connector > 0).then_some(connector),
        evse: read(data, "evse_id"),
        ..About::default()
    };
    let details = json!({ "status": data.get("status"), "error_code": error });
    Some(vec![Finding::Seen(Sighting { kind: AlertKind::Fault, subject, severity, summary, about, details })])
}

fn offline(data: &Value) -> Option<Sighting> {
    let charge_point: ChargePointId = read(data, "charge_point_id")?;
    Some(Sighting {
        kind: AlertKind::Offline,
        subject: charge_point.to_string(),
        severity: Severity::Warning,
        summary: "the charger has lost its connection".to_owned(),
        about: About { depot: read(data, "depot_id"), charge_point: Some(charge_point), ..About::default() },
        details: json!({}),
    })
}

fn readiness(data: &Value) -> Option<Vec<Finding>> {
    let run: RunId = read(data, "run_id")?;
    let (state, cause) = (text(data, "state")?, text(data, "cause"));
    let about = About {
        depot: read(data, "depot_id"),
        vehicle: read(data, "vehicle_id"),
        run: Some(run),
        ..About::default()
    };
    let details = json!({
        "block": data.get("block"),
        "departure_at": data.get("departure_at"),
        "readiness": state,
        "cause": cause,
        "shortfall_kwh": data.get("shortfall_kwh"),
    });
    let block = text(data, "block").map_or_else(|| "the run".to_owned(), |block| format!("run {block}"));
    let because = cause.map(|cause| format!(": {}", cause.replace('_', " "))).unwrap_or_default();
    let sighting = |kind, severity, summary| {
        let (about, details) = (about.clone(), details.clone());
        Finding::Seen(Sighting { kind, subject: run.to_string(), severity, summary, about, details })
    };
    let past = |kind| Finding::Over { kind, subject: run.to_string() };
    let risk = match state {
        "at_risk" => {
            let summary = format!("{block} may not be ready{because}");
            sighting(AlertKind::RunAtRisk, Severity::Warning, summary)
        }
        "will_miss" => {
            let summary = format!("{block} will not be ready{because}");
            sighting(AlertKind::RunAtRisk, Severity::Critical, summary)
        }
        "missed" => {
            let summary = format!("{block} was not ready at its departure{because}");
            sighting(AlertKind::RunAtRisk, Severity::Critical, summary)
        }
        _ => past(AlertKind::RunAtRisk),
    };
    let endangered = matches!(state, "at_risk" | "will_miss");
    let stalled = if endangered && cause == Some("stalled_charging") {
        let summary = format!("the vehicle of {block} is plugged in and does not charge");
        sighting(AlertKind::StalledCharging, Severity::Warning, summary)
    } else {
        past(AlertKind::StalledCharging)
    };
    Some(vec![risk, stalled])
}

fn not_following(data: &Value) -> Option<Sighting> {
    let subject = text(data, "evse_id")?.to_owned();
    Some(Sighting {
        kind: AlertKind::NotFollowing,
        subject,
        severity: Severity::Warning,
        summary: "the charger draws more than it was told to".to_owned(),
        about: About {
            depot: read(data, "depot_id"),
            charge_point: read(data, "charge_point_id"),
            evse: read(data, "evse_id"),
            ..About::default()
        },
        details: data.clone(),
    })
}

#[cfg(test)]
mod tests {
    use kernel::{
        IdSource,
        testing::{CountingIds, FakeClock},
    };

    use super::*;

    const PATIENCE: Patience = Patience { offline: TimeDelta::minutes(5) };

    fn found(name: &'static str, data: Value) -> Vec<Finding> {
        let ids = CountingIds::default();
        find(&Event::new(&FakeClock::default(), &ids, ids.uuid().into(), name, "key", data), PATIENCE)
    }

    fn id() -> String {
        CountingIds::default().uuid().to_string()
    }

    #[test]
    fn a_status_is_a_fault_by_its_word_or_its_error() {
        let name = "manage.charge_point.status_changed.v1";
        for (status, error, severity) in [
            ("faulted", Value::Null, Some(Severity::Critical)),
            ("faulted", json!("GroundFailure"), Some(Severity::Critical)),
            ("charging", json!("HighTemperature"), Some(Severity::Warning)),
            ("available", json!("WeakSignal"), Some(Severity::Info)),
            ("available", Value::Null, None),
            ("charging", json!("NoError"), None),
        ] {
            let data = json!({"charge_point_id": id(), "connector_number": 2, "status": status, "error_code": error});
            let subject = format!("{}:2", id());
            match (&found(name, data)[..], severity) {
                ([Finding::Seen(sighting)], Some(severity)) => {
                    assert_eq!((sighting.severity, &sighting.subject), (severity, &subject));
                }
                ([Finding::Over { kind, subject: over }], None) => {
                    assert_eq!((*kind, over), (AlertKind::Fault, &subject));
                }
                other => panic!("{status} {error}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_run_that_stalls_is_two_alerts_and_each_ends_by_itself() {
        let name = concat!("manage.run.readiness_changed", ".v1");
        let data =
            |state, cause: Value| json!({"run_id": id(), "state": state, "cause": cause, "block": "17-03"});
        let kinds = |state, cause| {
            let found = found(name, data(state, cause)).into_iter();
            let kind = |finding| match finding {
                Finding::Seen(sighting) => (sighting.kind, Some(sighting.severity)),
                Finding::Over { kind, .. } => (kind, None),
                other => panic!("{other:?}"),
            };
            found.map(kind).collect::<Vec<_>>()
        };
        let (risk, stalled) = (AlertKind::RunAtRisk, AlertKind::StalledCharging);
        let (warning, critical) = (Some(Severity::Warning), Some(Severity::Critical));
        assert_eq!(kinds("at_risk", json!("stalled_charging")), [(risk, warning), (stalled, warning)]);
        assert_eq!(kinds("will_miss", json!("late_arrival")), [(risk, critical), (stalled, None)]);
        assert_eq!(kinds("missed", Value::Null), [(risk, critical), (stalled, None)]);
        assert_eq!(kinds("on_track", Value::Null), [(risk, None), (stalled, None)]);
    }

    #[test]
    fn what_cannot_be_understood_finds_nothing() {
        for name in [
            "manage.charge_point.status_changed.v1",
            concat!("manage.run.readiness_changed", ".v1"),
            concat!("manage.evse.not_following", ".v1"),
            "manage.vehicle.deleted.v1",
            "manage.test.happened.v1",
        ] {
            for data in [Value::Null, json!({}), json!({"charge_point_id": 7, "run_id": [], "evse_id": {}})] {
                assert!(found(name, data).is_empty(), "{name}");
            }
        }
    }

    #[test]
    fn a_lost_connection_is_given_time() {
        let found = found("manage.charge_point.disconnected.v1", json!({"charge_point_id": id()}));
        assert!(matches!(&found[..], [Finding::Maybe(_, patience)] if *patience == PATIENCE.offline));
    }
}
