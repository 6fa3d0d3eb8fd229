//! What a charger can be told to do, with the arguments of each.

use kernel::{Invalid, Timestamp, TransactionId};
use serde::{Deserialize, Serialize};

use super::{
    charge_point::{ChargePoint, ConfigurationKey},
    charging_profile::{ChargingProfile, LimitUnit, ProfilePurpose, TransactionRef},
};

/// An order to a charger, in no protocol's words. Connectors are named by their number over the
/// whole charge point; 0 is the charge point itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum CommandKind {
    Reset {
        kind: ResetKind,
    },
    Unlock {
        connector: u16,
    },
    RemoteStart {
        connector: Option<u16>,
        id_tag: String,
        charging_profile: Option<ChargingProfile>,
    },
    RemoteStop {
        transaction: TransactionRef,
    },
    ChangeAvailability {
        connector: u16,
        operative: bool,
    },
    SetConfiguration {
        key: String,
        value: String,
    },
    /// No keys means all of them.
    GetConfiguration {
        keys: Vec<String>,
    },
    TriggerMessage {
        message: TriggeredMessage,
        connector: Option<u16>,
    },
    UpdateFirmware {
        location: String,
        retrieve_at: Timestamp,
        retries: Option<u16>,
        retry_interval_seconds: Option<u32>,
    },
    GetDiagnostics {
        /// Where to upload them to.
        location: String,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
        retries: Option<u16>,
        retry_interval_seconds: Option<u32>,
    },
    ClearCache,
    SetChargingProfile {
        connector: u16,
        profile: ChargingProfile,
    },
    /// Clears the profiles that meet every condition given; without any, all of them.
    ClearChargingProfile {
        profile_id: Option<i32>,
        connector: Option<u16>,
        purpose: Option<ProfilePurpose>,
        stack_level: Option<u16>,
    },
    GetCompositeSchedule {
        connector: u16,
        duration_seconds: u32,
        unit: Option<LimitUnit>,
    },
    DataTransfer {
        vendor_id: String,
        message_id: Option<String>,
        data: Option<String>,
    },
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResetKind {
    /// Ends transactions in good order first.
    #[default]
    Soft,
    Hard,
}

/// A message that a charger can be asked to send out of turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TriggeredMessage {
    BootNotification,
    DiagnosticsStatusNotification,
    FirmwareStatusNotification,
    Heartbeat,
    MeterValues,
    StatusNotification,
}

const HIDDEN: &str = "***";

impl CommandKind {
    /// The word of the API and the store for it.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Reset { .. } => "reset",
            Self::Unlock { .. } => "unlock",
            Self::RemoteStart { .. } => "remote_start",
            Self::RemoteStop { .. } => "remote_stop",
            Self::ChangeAvailability { .. } => "change_availability",
            Self::SetConfiguration { .. } => "set_configuration",
            Self::GetConfiguration { .. } => "get_configuration",
            Self::TriggerMessage { .. } => "trigger_message",
            Self::UpdateFirmware { .. } => "update_firmware",
            Self::GetDiagnostics { .. } => "get_diagnostics",
            Self::ClearCache => "clear_cache",
            Self::SetChargingProfile { .. } => "set_charging_profile",
            Self::ClearChargingProfile { .. } => "clear_charging_profile",
            Self::GetCompositeSchedule { .. } => "get_composite_schedule",
            Self::DataTransfer { .. } => "data_transfer",
        }
    }

    /// The transaction that it names by our id, if it does.
    pub fn transaction_id(&self) -> Option<TransactionId> {
        let named = match self {
            Self::RemoteStop { transaction } => Some(*transaction),
            Self::SetChargingProfile { profile, .. } => profile.transaction,
            Self::RemoteStart { charging_profile: Some(profile), .. } => profile.transaction,
            _ => None,
        };
        match named {
            Some(TransactionRef::Id(id)) => Some(id),
            Some(TransactionRef::Ocpp(_)) | None => None,
        }
    }

    /// The same order without its secrets, for people, events and the audit trail.
    #[must_use]
    pub fn redacted(&self) -> Self {
        let mut kind = self.clone();
        match &mut kind {
            Self::SetConfiguration { key, value } if ConfigurationKey::is_secret(key) => {
                HIDDEN.clone_into(value);
            }
            Self::UpdateFirmware { location, .. } | Self::GetDiagnostics { location, .. } => {
                *location = without_user_info(location);
            }
            _ => {}
        }
        kind
    }

    /// Checks the arguments against each other and against the charge point.
    pub(crate) fn check(&self, charge_point: &ChargePoint) -> Result<(), Invalid> {
        let mut invalid = Invalid::default();
        let note = &mut invalid;
        match self {
            Self::Reset { .. } | Self::ClearCache => {}
            Self::Unlock { connector } => known(charge_point, *connector, false, note),
            Self::RemoteStart { connector, id_tag, charging_profile } => {
                if let Some(connector) = connector {
                    known(charge_point, *connector, false, note);
                }
                note.text("/id_tag", id_tag, 36);
                if let Some(profile) = charging_profile {
                    profile.check("/charging_profile", None, note);
                    check_unit(charge_point, Some(profile.schedule.unit), "/charging_profile/unit", note);
                }
            }
            Self::RemoteStop { transaction } => {
                if let TransactionRef::Ocpp(number) = transaction {
                    note.range("/ocpp_transaction_id", *number, i32::MIN.into(), i32::MAX.into());
                }
            }
            Self::ChangeAvailability { connector, .. } => known(charge_point, *connector, true, note),
            Self::SetConfiguration { key, value } => {
                note.text("/key", key, 50);
                at_most("/value", value, 500, note);
            }
            Self::GetConfiguration { keys } => {
                if keys.len() > 200 {
                    note.push("/keys", "too_many", "must name at most 200 keys");
                }
                for (index, key) in keys.iter().enumerate() {
                    note.text(&format!("/keys/{index}"), key, 50);
                }
            }
            Self::TriggerMessage { connector, .. } => {
                if let Some(connector) = connector {
                    known(charge_point, *connector, true, note);
                }
            }
            Self::UpdateFirmware { location, retries, retry_interval_seconds, .. } => {
                check_location(location, note);
                check_retries(*retries, *retry_interval_seconds, note);
            }
            Self::GetDiagnostics { location, from, to, retries, retry_interval_seconds } => {
                check_location(location, note);
                check_retries(*retries, *retry_interval_seconds, note);
                if let (Some(from), Some(to)) = (from, to)
                    && to <= from
                {
                    note.push("/to", "out_of_range", "must lie after from");
                }
            }
            Self::SetChargingProfile { connector, profile } => {
                known(charge_point, *connector, true, note);
                profile.check("/charging_profile", Some(*connector), note);
                check_unit(charge_point, Some(profile.schedule.unit), "/charging_profile/unit", note);
            }
            Self::ClearChargingProfile { connector, .. } => {
                if let Some(connector) = connector {
                    known(charge_point, *connector, true, note);
                }
            }
            Self::GetCompositeSchedule { connector, duration_seconds, unit } => {
                known(charge_point, *connector, true, note);
                note.range("/duration_seconds", *duration_seconds, 1, 7 * 86_400);
                check_unit(charge_point, *unit, "/unit", note);
            }
            Self::DataTransfer { vendor_id, message_id, data } => {
                note.text("/vendor_id", vendor_id, 255);
                if let Some(message_id) = message_id {
                    note.text("/message_id", message_id, 50);
                }
                if let Some(data) = data {
                    at_most("/data", data, 65_536, note);
                }
            }
        }
        invalid.into_result()
    }
}

fn known(charge_point: &ChargePoint, connector: u16, whole: bool, invalid: &mut Invalid) {
    let exists = charge_point.connector(connector).is_some() || (whole && connector == 0);
    if !exists {
        invalid.push("/connector_number", "unknown_connector", "the charge point has no such connector");
    }
}

fn check_unit(charge_point: &ChargePoint, unit: Option<LimitUnit>, pointer: &str, invalid: &mut Invalid) {
    if let (Some(unit), Some(units)) = (unit, charge_point.rate_units())
        && !units.takes(unit)
    {
        invalid.push(pointer, "unsupported_unit", "the charge point does not take limits in this unit");
    }
}

fn check_location(location: &str, invalid: &mut Invalid) {
    invalid.text("/location", location, 2_000);
    let scheme = location.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    if !scheme.is_some_and(|scheme| matches!(scheme.as_str(), "http" | "https" | "ftp" | "ftps" | "sftp")) {
        invalid.push("/location", "malformed", "must be an http, https, ftp, ftps or sftp URL");
    }
}

fn check_retries(retries: Option<u16>, interval_seconds: Option<u32>, invalid: &mut Invalid) {
    invalid.range("/retries", retries.unwrap_or(0), 0, 100);
    invalid.range("/retry_interval_seconds", interval_seconds.unwrap_or(0), 0, 7 * 86_400);
}

fn at_most(pointer: &str, text: &str, max: usize, invalid: &mut Invalid) {
    if text.chars().count() > max {
        invalid.push(pointer, "too_long", format!("must be at most {max} characters"));
    }
    if text.contains('\0') {
        invalid.push(pointer, "control_character", "must not hold the null character");
    }
}

fn without_user_info(location: &str) -> String {
    let Some((scheme, rest)) = location.split_once("://") else { return location.to_owned() };
    let end = rest.find('/').unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) => format!("{scheme}://{HIDDEN}{}", &rest[at..]),
        None => location.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use kernel::testing::CountingIds;

    use super::*;
    use crate::testing::charger;

    fn pointers(kind: &CommandKind) -> Vec<String> {
        let charge_point = charger(&CountingIds::default(), "CP-1");
        match kind.check(&charge_point) {
            Ok(()) => Vec::new(),
            Err(invalid) => invalid.errors.into_iter().map(|error| error.pointer).collect(),
        }
    }

    #[test]
    fn connector_zero_is_the_whole_where_that_makes_sense() {
        assert!(pointers(&CommandKind::ChangeAvailability { connector: 0, operative: false }).is_empty());
        assert!(pointers(&CommandKind::Unlock { connector: 1 }).is_empty());
        assert_eq!(pointers(&CommandKind::Unlock { connector: 0 }), ["/connector_number"]);
        assert_eq!(pointers(&CommandKind::Unlock { connector: 9 }), ["/connector_number"]);
    }

    #[test]
    fn a_location_is_a_url_a_charger_can_fetch() {
        let update = |location: &str| CommandKind::GetDiagnostics {
            location: location.to_owned(),
            from: None,
            to: None,
            retries: None,
            retry_interval_seconds: None,
        };
        assert!(pointers(&update("ftp://user:word@files.example/up")).is_empty());
        assert_eq!(pointers(&update("file:///etc/passwd")), ["/location"]);
        let CommandKind::GetDiagnostics { location, .. } = update("ftp://u:w@files.example/a@b").redacted()
        else {
            unreachable!("redaction keeps the kind")
        };
        assert_eq!(location, "ftp://***@files.example/a@b");
    }

    #[test]
    fn the_password_of_a_charger_is_hidden() {
        let secret = CommandKind::SetConfiguration { key: "authorizationkey".into(), value: "geheim".into() };
        assert!(!format!("{:?}", secret.redacted()).contains("geheim"));
        let plain = CommandKind::SetConfiguration { key: "HeartbeatInterval".into(), value: "60".into() };
        assert_eq!(plain.redacted(), plain);
    }

    #[test]
    fn the_stored_form_names_the_type_as_the_api_does() {
        let kind = CommandKind::TriggerMessage { message: TriggeredMessage::MeterValues, connector: Some(1) };
        let stored = serde_json::to_value(&kind).unwrap();
        assert_eq!(stored["type"], kind.word());
        assert_eq!(serde_json::from_value::<CommandKind>(stored).unwrap(), kind);
        assert_eq!(serde_json::to_value(CommandKind::ClearCache).unwrap()["type"], "clear_cache");
    }
}
