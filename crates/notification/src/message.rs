//! What people and programs read about alerts.

use std::{collections::BTreeMap, fmt::Write as _};

use chrono::{SecondsFormat, Timelike};
use kernel::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::model::{Alert, AlertRule, AlertState, Change, Severity, Zone};

/// A message as it is sent, however often.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// One line.
    pub subject: String,
    /// What people read.
    pub text: String,
    /// What programs read.
    pub data: Value,
}

/// Alerts in full; of more, only their number is told to people.
const MOST_LINES: usize = 100;
/// Alerts in what programs read.
const MOST_ITEMS: usize = 500;

/// What names are known of the things that alerts are about.
pub type Names = BTreeMap<Uuid, String>;

impl Message {
    /// The message about some alerts; the most severe and newest first. `None` about nothing.
    pub fn about(
        rule: &AlertRule,
        mut items: Vec<(Alert, Change)>,
        names: &Names,
        now: Timestamp,
    ) -> Option<Self> {
        items.sort_by_key(|(alert, _)| (std::cmp::Reverse(alert.severity), std::cmp::Reverse(alert.id)));
        let (worst, _) = items.first()?;
        let subject = match items.len() {
            1 => format!("[{}] {}", word(worst), line(worst, names)),
            many => format!("[{}] {many} alerts, among them: {}", word(worst), line(worst, names)),
        };
        let zone = rule.timing.time_zone;
        let mut text = String::new();
        for (alert, _) in items.iter().take(MOST_LINES) {
            let times = if alert.count > 1 {
                format!(", seen {} times, last at {}", alert.count, wall(zone, alert.last_seen_at))
            } else {
                String::new()
            };
            let over = match alert.cleared_at {
                Some(at) => format!(", over at {}", wall(zone, at)),
                None => String::new(),
            };
            let since = wall(zone, alert.first_seen_at);
            let line = line(alert, names);
            let _ = writeln!(text, "- [{}] {line}\n  since {since}{times}{over}", word(alert));
        }
        if let Some(more) = items.len().checked_sub(MOST_LINES).filter(|more| *more > 0) {
            let _ = writeln!(text, "… and {more} more");
        }
        let _ = write!(text, "\nYou are told by the alert rule \"{}\".\n", rule.name);
        let listed: Vec<Value> = items.iter().take(MOST_ITEMS).map(|(a, change)| item(a, *change)).collect();
        let data = json!({
            "type": "alerts.notified",
            "timestamp": stamp(now),
            "data": {
                "alert_rule_id": rule.id,
                "organisation_id": rule.organisation,
                "total": items.len(),
                "alerts": listed,
            },
        });
        Some(Self { subject, text, data })
    }
}

fn item(alert: &Alert, change: Change) -> Value {
    json!({
        "alert_id": alert.id,
        "change": change,
        "kind": alert.kind,
        "severity": alert.severity,
        "state": alert.state,
        "summary": alert.summary,
        "depot_id": alert.about.depot,
        "charge_point_id": alert.about.charge_point,
        "connector_number": alert.about.connector,
        "vehicle_id": alert.about.vehicle,
        "run_id": alert.about.run,
        "circuit_id": alert.about.circuit,
        "count": alert.count,
        "first_seen_at": stamp(alert.first_seen_at),
        "last_seen_at": stamp(alert.last_seen_at),
        "cleared_at": alert.cleared_at.map(stamp),
    })
}

fn word(alert: &Alert) -> &'static str {
    match (alert.state, alert.severity) {
        (AlertState::Cleared, _) => "over",
        (_, Severity::Critical) => "CRITICAL",
        (_, severity) => severity.word(),
    }
}

fn line(alert: &Alert, names: &Names) -> String {
    let about = &alert.about;
    let ids = [
        about.depot.map(Uuid::from),
        about.charge_point.map(Uuid::from),
        about.circuit.map(Uuid::from),
        about.vehicle.map(Uuid::from),
    ];
    let named: Vec<&str> = ids.iter().flatten().filter_map(|id| names.get(id)).map(String::as_str).collect();
    match named.is_empty() {
        true => format!("{}: {}", alert.kind.title(), alert.summary),
        false => format!("{}, {}: {}", named.join(", "), alert.kind.title(), alert.summary),
    }
}

fn stamp(at: Timestamp) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// What calendar and clock on the wall showed.
fn wall(zone: Zone, at: Timestamp) -> String {
    let local = at.with_timezone(&zone.0);
    format!("{} {:02}:{:02} {}", local.date_naive(), local.hour(), local.minute(), local.format("%Z"))
}
