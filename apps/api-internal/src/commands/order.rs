//! What a charger can be told to do, in the API's words.

use charge_point::{Availability, CommandKind};
use chrono::{DateTime, Utc};
use kernel::Invalid;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    profile::ProfileBody,
    words::{MessageWord, PurposeWord, ResetWord, UnitWord, transaction, transaction_fields},
};
use crate::charge_points::words::AvailabilityWord;

/// An order to a charger. `connector_number` counts over the whole charge point, as OCPP 1.6 does;
/// 0 is the charge point itself.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = ChargerOrder)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Order {
    Reset {
        #[serde(default = "soft")]
        kind: ResetWord,
    },
    Unlock {
        connector_number: u16,
    },
    RemoteStart {
        /// Up to the charger, unless told.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        connector_number: Option<u16>,
        id_tag: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        charging_profile: Option<ProfileBody>,
    },
    /// Name the transaction by one of its ids.
    RemoteStop {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        transaction_id: Option<Uuid>,
        /// The number the charger knows it by.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ocpp_transaction_id: Option<i64>,
    },
    ChangeAvailability {
        #[serde(default)]
        connector_number: u16,
        availability: AvailabilityWord,
    },
    SetConfiguration {
        key: String,
        value: String,
    },
    GetConfiguration {
        /// None means all.
        #[serde(default)]
        keys: Vec<String>,
    },
    TriggerMessage {
        message: MessageWord,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        connector_number: Option<u16>,
    },
    UpdateFirmware {
        /// Where to fetch it from: an http, https, ftp, ftps or sftp URL.
        location: String,
        retrieve_at: DateTime<Utc>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retries: Option<u16>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_interval_seconds: Option<u32>,
    },
    GetDiagnostics {
        /// Where to upload them to: an http, https, ftp, ftps or sftp URL.
        location: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<DateTime<Utc>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<DateTime<Utc>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retries: Option<u16>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_interval_seconds: Option<u32>,
    },
    ClearCache {},
    SetChargingProfile {
        connector_number: u16,
        charging_profile: ProfileBody,
    },
    /// Clears the profiles that meet every condition given; without any, all of them.
    ClearChargingProfile {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        profile_id: Option<i32>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        connector_number: Option<u16>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        purpose: Option<PurposeWord>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stack_level: Option<u16>,
    },
    GetCompositeSchedule {
        connector_number: u16,
        #[schema(minimum = 1, maximum = 604800)]
        duration_seconds: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unit: Option<UnitWord>,
    },
    DataTransfer {
        vendor_id: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message_id: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        data: Option<String>,
    },
}

fn soft() -> ResetWord {
    ResetWord::Soft
}

impl Order {
    pub(super) fn kind(self) -> Result<CommandKind, Invalid> {
        let mut invalid = Invalid::default();
        let kind = match self {
            Self::Reset { kind } => CommandKind::Reset { kind: kind.into() },
            Self::Unlock { connector_number: connector } => CommandKind::Unlock { connector },
            Self::RemoteStart { connector_number: connector, id_tag, charging_profile } => {
                let charging_profile =
                    charging_profile.map(|body| body.profile("/charging_profile", &mut invalid));
                CommandKind::RemoteStart { connector, id_tag, charging_profile }
            }
            Self::RemoteStop { transaction_id, ocpp_transaction_id } => {
                match transaction("", transaction_id, ocpp_transaction_id, &mut invalid) {
                    Some(transaction) => CommandKind::RemoteStop { transaction },
                    None => {
                        if invalid.errors.is_empty() {
                            invalid.push("/transaction_id", "required", "name the transaction to stop");
                        }
                        return Err(invalid);
                    }
                }
            }
            Self::ChangeAvailability { connector_number: connector, availability } => {
                let operative = Availability::from(availability) == Availability::Operative;
                CommandKind::ChangeAvailability { connector, operative }
            }
            Self::SetConfiguration { key, value } => CommandKind::SetConfiguration { key, value },
            Self::GetConfiguration { keys } => CommandKind::GetConfiguration { keys },
            Self::TriggerMessage { message, connector_number: connector } => {
                CommandKind::TriggerMessage { message: message.into(), connector }
            }
            Self::UpdateFirmware { location, retrieve_at, retries, retry_interval_seconds } => {
                CommandKind::UpdateFirmware { location, retrieve_at, retries, retry_interval_seconds }
            }
            Self::GetDiagnostics { location, from, to, retries, retry_interval_seconds } => {
                CommandKind::GetDiagnostics { location, from, to, retries, retry_interval_seconds }
            }
            Self::ClearCache {} => CommandKind::ClearCache,
            Self::SetChargingProfile { connector_number: connector, charging_profile } => {
                let profile = charging_profile.profile("/charging_profile", &mut invalid);
                CommandKind::SetChargingProfile { connector, profile }
            }
            Self::ClearChargingProfile { profile_id, connector_number, purpose, stack_level } => {
                let (connector, purpose) = (connector_number, purpose.map(Into::into));
                CommandKind::ClearChargingProfile { profile_id, connector, purpose, stack_level }
            }
            Self::GetCompositeSchedule { connector_number: connector, duration_seconds, unit } => {
                CommandKind::GetCompositeSchedule { connector, duration_seconds, unit: unit.map(Into::into) }
            }
            Self::DataTransfer { vendor_id, message_id, data } => {
                CommandKind::DataTransfer { vendor_id, message_id, data }
            }
        };
        invalid.into_result().map(|()| kind)
    }
}

impl From<CommandKind> for Order {
    fn from(kind: CommandKind) -> Self {
        match kind {
            CommandKind::Reset { kind } => Self::Reset { kind: kind.into() },
            CommandKind::Unlock { connector } => Self::Unlock { connector_number: connector },
            CommandKind::RemoteStart { connector, id_tag, charging_profile } => Self::RemoteStart {
                connector_number: connector,
                id_tag,
                charging_profile: charging_profile.map(Into::into),
            },
            CommandKind::RemoteStop { transaction } => {
                let (transaction_id, ocpp_transaction_id) = transaction_fields(Some(transaction));
                Self::RemoteStop { transaction_id, ocpp_transaction_id }
            }
            CommandKind::ChangeAvailability { connector, operative } => {
                let wanted = if operative { Availability::Operative } else { Availability::Inoperative };
                Self::ChangeAvailability { connector_number: connector, availability: wanted.into() }
            }
            CommandKind::SetConfiguration { key, value } => Self::SetConfiguration { key, value },
            CommandKind::GetConfiguration { keys } => Self::GetConfiguration { keys },
            CommandKind::TriggerMessage { message, connector } => {
                Self::TriggerMessage { message: message.into(), connector_number: connector }
            }
            CommandKind::UpdateFirmware { location, retrieve_at, retries, retry_interval_seconds } => {
                Self::UpdateFirmware { location, retrieve_at, retries, retry_interval_seconds }
            }
            CommandKind::GetDiagnostics { location, from, to, retries, retry_interval_seconds } => {
                Self::GetDiagnostics { location, from, to, retries, retry_interval_seconds }
            }
            CommandKind::ClearCache => Self::ClearCache {},
            CommandKind::SetChargingProfile { connector, profile } => {
                Self::SetChargingProfile { connector_number: connector, charging_profile: profile.into() }
            }
            CommandKind::ClearChargingProfile { profile_id, connector, purpose, stack_level } => {
                let (connector_number, purpose) = (connector, purpose.map(Into::into));
                Self::ClearChargingProfile { profile_id, connector_number, purpose, stack_level }
            }
            CommandKind::GetCompositeSchedule { connector, duration_seconds, unit } => {
                let unit = unit.map(Into::into);
                Self::GetCompositeSchedule { connector_number: connector, duration_seconds, unit }
            }
            CommandKind::DataTransfer { vendor_id, message_id, data } => {
                Self::DataTransfer { vendor_id, message_id, data }
            }
        }
    }
}
