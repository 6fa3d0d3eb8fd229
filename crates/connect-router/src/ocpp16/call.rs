//! Calls of chargers.

use charge_point::{BootReport, ConnectorStatus, StatusMessage};
use kernel::{Timestamp, Wh};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use transaction::{StopReport, TransactionNumber};

use super::{
    meter_values::{MeterValue, reports},
    wire::{Text, Time, Whole},
};
use crate::{
    message::{Message, SecurityEvent, StartMessage},
    port::CallErrorCode,
};

/// Why a call cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub code: CallErrorCode,
    pub description: String,
}

/// Reads a call. Times that are missing or absurd are taken to be `received_at`.
///
/// # Errors
/// [`Refusal`] with the error code of the specification.
pub fn read(action: &str, payload: &RawValue, received_at: Timestamp) -> Result<Message, Refusal> {
    Ok(match action {
        "BootNotification" => parse::<Boot>(payload)?.message(),
        "Heartbeat" => Message::Heartbeat,
        "StatusNotification" => parse::<Status>(payload)?.message(received_at)?,
        "Authorize" => Message::Authorise { id_tag: parse::<Authorize>(payload)?.id_tag.0 },
        "StartTransaction" => parse::<Start>(payload)?.message(received_at)?,
        "MeterValues" => parse::<Meter>(payload)?.message(received_at)?,
        "StopTransaction" => parse::<Stop>(payload)?.message(received_at),
        "DataTransfer" => Message::Vendor,
        "DiagnosticsStatusNotification" => Message::DiagnosticsStatus(parse::<Progress>(payload)?.status.0),
        "FirmwareStatusNotification" => Message::FirmwareStatus(parse::<Progress>(payload)?.status.0),
        "SecurityEventNotification" => parse::<Security>(payload)?.message(received_at),
        _ => {
            let description = "this action is not known here".to_owned();
            return Err(Refusal { code: CallErrorCode::NotImplemented, description });
        }
    })
}

fn parse<T: DeserializeOwned>(payload: &RawValue) -> Result<T, Refusal> {
    if !payload.get().trim_start().starts_with('{') {
        return Err(refusal(CallErrorCode::FormationViolation, "the payload must be an object"));
    }
    serde_json::from_str(payload.get()).map_err(|error| {
        let words = error.to_string();
        let code = if words.starts_with("missing field") {
            CallErrorCode::OccurrenceConstraintViolation
        } else if words.starts_with("invalid type") {
            CallErrorCode::TypeConstraintViolation
        } else if error.is_data() {
            CallErrorCode::PropertyConstraintViolation
        } else {
            CallErrorCode::FormationViolation
        };
        refusal(code, words)
    })
}

fn refusal(code: CallErrorCode, description: impl Into<String>) -> Refusal {
    Refusal { code, description: description.into() }
}

fn connector(number: Whole) -> Result<u16, Refusal> {
    let out_of_range = |_| refusal(CallErrorCode::PropertyConstraintViolation, "connectorId is out of range");
    u16::try_from(number.0).map_err(out_of_range)
}

/// A number of a transaction; one that none can have is as good as none.
fn number(number: Whole) -> TransactionNumber {
    TransactionNumber(i32::try_from(number.0).unwrap_or(0))
}

fn texts(text: Option<Text>) -> Option<String> {
    text.map(|text| text.0.trim().to_owned()).filter(|text| !text.is_empty())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Boot {
    charge_point_vendor: Option<Text>,
    charge_point_model: Option<Text>,
    charge_point_serial_number: Option<Text>,
    charge_box_serial_number: Option<Text>,
    firmware_version: Option<Text>,
}

impl Boot {
    fn message(self) -> Message {
        Message::Boot(BootReport {
            vendor: texts(self.charge_point_vendor).unwrap_or_default(),
            model: texts(self.charge_point_model).unwrap_or_default(),
            serial: texts(self.charge_point_serial_number).or_else(|| texts(self.charge_box_serial_number)),
            firmware: texts(self.firmware_version),
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    connector_id: Whole,
    error_code: Option<Text>,
    status: Text,
    info: Option<Text>,
    timestamp: Option<Time>,
    vendor_id: Option<Text>,
    vendor_error_code: Option<Text>,
}

impl Status {
    fn message(self, received_at: Timestamp) -> Result<Message, Refusal> {
        let status = match self.status.0.trim() {
            "Available" => ConnectorStatus::Available,
            "Preparing" | "Occupied" => ConnectorStatus::Preparing,
            "Charging" => ConnectorStatus::Charging,
            "SuspendedEV" => ConnectorStatus::SuspendedEv,
            "SuspendedEVSE" => ConnectorStatus::SuspendedEvse,
            "Finishing" => ConnectorStatus::Finishing,
            "Reserved" => ConnectorStatus::Reserved,
            "Unavailable" => ConnectorStatus::Unavailable,
            "Faulted" => ConnectorStatus::Faulted,
            other => {
                let description = format!("`{}` is no status", other.chars().take(40).collect::<String>());
                return Err(refusal(CallErrorCode::PropertyConstraintViolation, description));
            }
        };
        Ok(Message::Status(StatusMessage {
            connector: connector(self.connector_id)?,
            status,
            error_code: texts(self.error_code).filter(|code| code != "NoError"),
            info: texts(self.info),
            vendor_id: texts(self.vendor_id),
            vendor_error_code: texts(self.vendor_error_code),
            at: Some(Time::or(self.timestamp, received_at)),
        }))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Authorize {
    id_tag: Text,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Start {
    connector_id: Whole,
    id_tag: Option<Text>,
    meter_start: Whole,
    timestamp: Option<Time>,
}

impl Start {
    fn message(self, received_at: Timestamp) -> Result<Message, Refusal> {
        Ok(Message::Start(StartMessage {
            connector: connector(self.connector_id)?,
            id_tag: texts(self.id_tag),
            at: Time::or(self.timestamp, received_at),
            meter_start: Wh(self.meter_start.0),
        }))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Meter {
    connector_id: Whole,
    transaction_id: Option<Whole>,
    #[serde(default)]
    meter_value: Vec<MeterValue>,
}

impl Meter {
    fn message(self, received_at: Timestamp) -> Result<Message, Refusal> {
        Ok(Message::Readings {
            connector: connector(self.connector_id)?,
            number: self.transaction_id.map(number),
            reports: reports(self.meter_value, received_at),
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stop {
    id_tag: Option<Text>,
    meter_stop: Whole,
    timestamp: Option<Time>,
    transaction_id: Option<Whole>,
    reason: Option<Text>,
    transaction_data: Option<Vec<MeterValue>>,
}

impl Stop {
    fn message(self, received_at: Timestamp) -> Message {
        Message::Stop(StopReport {
            number: self.transaction_id.map_or(TransactionNumber(0), number),
            id_tag: texts(self.id_tag),
            at: Time::or(self.timestamp, received_at),
            meter_stop: Wh(self.meter_stop.0),
            reason: texts(self.reason),
            readings: reports(self.transaction_data.unwrap_or_default(), received_at),
        })
    }
}

#[derive(Deserialize)]
struct Progress {
    status: Text,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Security {
    #[serde(rename = "type")]
    kind: Text,
    timestamp: Option<Time>,
    tech_info: Option<Text>,
}

impl Security {
    fn message(self, received_at: Timestamp) -> Message {
        let at = Time::or(self.timestamp, received_at);
        Message::Security(SecurityEvent { kind: self.kind.0, at, detail: texts(self.tech_info) })
    }
}
