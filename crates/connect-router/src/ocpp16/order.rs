//! Orders as chargers read them, and what their answers mean.

use charge_point::{
    ChargingProfile, CommandKind, CommandOutcome, LimitUnit, ProfileKind, ProfilePurpose, Recurrency,
    ReportedKey, ResetKind, TransactionRef, TriggeredMessage,
};
use serde_json::{Map, Value, json};

use super::reply::time;

/// A call for a charger.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    pub action: &'static str,
    pub payload: Value,
}

/// Writes an order. `number` finds the charger's number of a transaction that the order names by
/// our id; `None` where there is none, and then there is no way to say it.
pub fn write(kind: &CommandKind, number: impl Fn(TransactionRef) -> Option<i64>) -> Option<Order> {
    let (action, payload) = match kind {
        CommandKind::Reset { kind } => {
            let kind = match kind {
                ResetKind::Soft => "Soft",
                ResetKind::Hard => "Hard",
            };
            ("Reset", json!({"type": kind}))
        }
        CommandKind::Unlock { connector } => ("UnlockConnector", json!({"connectorId": connector})),
        CommandKind::RemoteStart { connector, id_tag, charging_profile } => {
            let mut payload = object([("connectorId", connector.map(Value::from))]);
            payload.insert("idTag".into(), json!(id_tag));
            if let Some(profile) = charging_profile {
                payload.insert("chargingProfile".into(), written(profile, &number)?);
            }
            ("RemoteStartTransaction", Value::Object(payload))
        }
        CommandKind::RemoteStop { transaction } => {
            ("RemoteStopTransaction", json!({"transactionId": number(*transaction)?}))
        }
        CommandKind::ChangeAvailability { connector, operative } => {
            let kind = if *operative { "Operative" } else { "Inoperative" };
            ("ChangeAvailability", json!({"connectorId": connector, "type": kind}))
        }
        CommandKind::SetConfiguration { key, value } => {
            ("ChangeConfiguration", json!({"key": key, "value": value}))
        }
        CommandKind::GetConfiguration { keys } if keys.is_empty() => ("GetConfiguration", json!({})),
        CommandKind::GetConfiguration { keys } => ("GetConfiguration", json!({"key": keys})),
        CommandKind::TriggerMessage { message, connector } => {
            let mut payload = object([("connectorId", connector.map(Value::from))]);
            payload.insert("requestedMessage".into(), json!(triggered(*message)));
            ("TriggerMessage", Value::Object(payload))
        }
        CommandKind::UpdateFirmware { location, retrieve_at, retries, retry_interval_seconds } => {
            let mut payload = object([
                ("retries", retries.map(Value::from)),
                ("retryInterval", retry_interval_seconds.map(Value::from)),
            ]);
            payload.insert("location".into(), json!(location));
            payload.insert("retrieveDate".into(), json!(time(*retrieve_at)));
            ("UpdateFirmware", Value::Object(payload))
        }
        CommandKind::GetDiagnostics { location, from, to, retries, retry_interval_seconds } => {
            let mut payload = object([
                ("retries", retries.map(Value::from)),
                ("retryInterval", retry_interval_seconds.map(Value::from)),
                ("startTime", from.map(|at| json!(time(at)))),
                ("stopTime", to.map(|at| json!(time(at)))),
            ]);
            payload.insert("location".into(), json!(location));
            ("GetDiagnostics", Value::Object(payload))
        }
        CommandKind::ClearCache => ("ClearCache", json!({})),
        CommandKind::SetChargingProfile { connector, profile } => {
            let profile = written(profile, &number)?;
            ("SetChargingProfile", json!({"connectorId": connector, "csChargingProfiles": profile}))
        }
        CommandKind::ClearChargingProfile { profile_id, connector, purpose, stack_level } => {
            let payload = object([
                ("id", profile_id.map(Value::from)),
                ("connectorId", connector.map(Value::from)),
                ("chargingProfilePurpose", purpose.map(|purpose| json!(purpose_word(purpose)))),
                ("stackLevel", stack_level.map(Value::from)),
            ]);
            ("ClearChargingProfile", Value::Object(payload))
        }
        CommandKind::GetCompositeSchedule { connector, duration_seconds, unit } => {
            let mut payload = object([("chargingRateUnit", unit.map(|unit| json!(unit_word(unit))))]);
            payload.insert("connectorId".into(), json!(connector));
            payload.insert("duration".into(), json!(duration_seconds));
            ("GetCompositeSchedule", Value::Object(payload))
        }
        CommandKind::DataTransfer { vendor_id, message_id, data } => {
            let mut payload = object([
                ("messageId", message_id.clone().map(Value::from)),
                ("data", data.clone().map(Value::from)),
            ]);
            payload.insert("vendorId".into(), json!(vendor_id));
            ("DataTransfer", Value::Object(payload))
        }
    };
    Some(Order { action, payload })
}

/// What a charger's answer to an order means, and the settings it tells on the way.
pub fn outcome(kind: &CommandKind, answer: Value) -> (CommandOutcome, Vec<ReportedKey>) {
    let status = answer.get("status").and_then(Value::as_str).unwrap_or_default();
    let accepted = match kind {
        // Its answer has no status: whatever it tells is a yes.
        CommandKind::GetConfiguration { .. }
        | CommandKind::GetDiagnostics { .. }
        | CommandKind::UpdateFirmware { .. } => true,
        CommandKind::Unlock { .. } => status == "Unlocked",
        CommandKind::ChangeAvailability { .. } => matches!(status, "Accepted" | "Scheduled"),
        CommandKind::SetConfiguration { .. } => matches!(status, "Accepted" | "RebootRequired"),
        // Nothing to clear is what was wanted.
        CommandKind::ClearChargingProfile { .. } => matches!(status, "Accepted" | "Unknown"),
        _ => status == "Accepted",
    };
    let reported = match kind {
        CommandKind::GetConfiguration { .. } => settings(&answer),
        _ => Vec::new(),
    };
    let outcome = if accepted { CommandOutcome::Accepted(answer) } else { CommandOutcome::Rejected(answer) };
    (outcome, reported)
}

fn settings(answer: &Value) -> Vec<ReportedKey> {
    let keys =
        answer.get("configurationKey").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    keys.iter()
        .filter_map(|setting| {
            Some(ReportedKey {
                key: setting.get("key")?.as_str()?.to_owned(),
                value: setting.get("value").and_then(|value| match value {
                    Value::String(text) => Some(text.clone()),
                    Value::Null => None,
                    other => Some(other.to_string()),
                }),
                readonly: setting.get("readonly").and_then(Value::as_bool).unwrap_or(false),
            })
        })
        .collect()
}

fn written(profile: &ChargingProfile, number: &impl Fn(TransactionRef) -> Option<i64>) -> Option<Value> {
    let periods: Vec<Value> = profile
        .schedule
        .periods
        .iter()
        .map(|period| {
            let mut written = object([("numberPhases", period.phases.map(Value::from))]);
            written.insert("startPeriod".into(), json!(period.start_seconds));
            written.insert("limit".into(), json!(period.limit.to_number()));
            Value::Object(written)
        })
        .collect();
    let (kind, start, recurrency) = match &profile.kind {
        ProfileKind::Absolute { start } => ("Absolute", *start, None),
        ProfileKind::Recurring { every: Recurrency::Daily, start } => {
            ("Recurring", Some(*start), Some("Daily"))
        }
        ProfileKind::Recurring { every: Recurrency::Weekly, start } => {
            ("Recurring", Some(*start), Some("Weekly"))
        }
        ProfileKind::Relative => ("Relative", None, None),
    };
    let mut schedule = object([
        ("duration", profile.schedule.duration_seconds.map(Value::from)),
        ("startSchedule", start.map(|at| json!(time(at)))),
        ("minChargingRate", profile.schedule.min_rate.map(|rate| json!(rate.to_number()))),
    ]);
    schedule.insert("chargingRateUnit".into(), json!(unit_word(profile.schedule.unit)));
    schedule.insert("chargingSchedulePeriod".into(), Value::Array(periods));
    let transaction = match profile.transaction {
        Some(transaction) => Some(json!(number(transaction)?)),
        None => None,
    };
    let mut payload = object([
        ("transactionId", transaction),
        ("recurrencyKind", recurrency.map(|word| json!(word))),
        ("validFrom", profile.valid_from.map(|at| json!(time(at)))),
        ("validTo", profile.valid_to.map(|at| json!(time(at)))),
    ]);
    payload.insert("chargingProfileId".into(), json!(profile.id));
    payload.insert("stackLevel".into(), json!(profile.stack_level));
    payload.insert("chargingProfilePurpose".into(), json!(purpose_word(profile.purpose)));
    payload.insert("chargingProfileKind".into(), json!(kind));
    payload.insert("chargingSchedule".into(), Value::Object(schedule));
    Some(Value::Object(payload))
}

/// An object of the members that are there: absent is not null.
fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Map<String, Value> {
    members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

const fn purpose_word(purpose: ProfilePurpose) -> &'static str {
    match purpose {
        ProfilePurpose::ChargePointMax => "ChargePointMaxProfile",
        ProfilePurpose::TxDefault => "TxDefaultProfile",
        ProfilePurpose::Tx => "TxProfile",
    }
}

const fn unit_word(unit: LimitUnit) -> &'static str {
    match unit {
        LimitUnit::Amps => "A",
        LimitUnit::Watts => "W",
    }
}

const fn triggered(message: TriggeredMessage) -> &'static str {
    match message {
        TriggeredMessage::BootNotification => "BootNotification",
        TriggeredMessage::DiagnosticsStatusNotification => "DiagnosticsStatusNotification",
        TriggeredMessage::FirmwareStatusNotification => "FirmwareStatusNotification",
        TriggeredMessage::Heartbeat => "Heartbeat",
        TriggeredMessage::MeterValues => "MeterValues",
        TriggeredMessage::StatusNotification => "StatusNotification",
    }
}
