//! What partners can tell a charger to do.

use charge_point::{Availability, CommandKind, ResetKind, TransactionRef, TriggeredMessage};
use kernel::Invalid;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{charge_points::words::AvailabilityWord, words::words};

/// An order to a charger. `connector_number` counts over the whole charge point; 0 is the charge
/// point itself.
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
    },
    RemoteStop {
        transaction_id: Uuid,
    },
    ChangeAvailability {
        #[serde(default)]
        connector_number: u16,
        availability: AvailabilityWord,
    },
    TriggerMessage {
        message: MessageWord,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        connector_number: Option<u16>,
    },
}

fn soft() -> ResetWord {
    ResetWord::Soft
}

words! {
    /// `soft` ends transactions in good order first.
    ResetWord as ResetKind for ResetKind { Soft, Hard }
}

/// What the charger is asked to send.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[schema(as = TriggeredMessage)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MessageWord {
    BootNotification,
    Heartbeat,
    MeterValues,
    StatusNotification,
}

/// What chargers can be told by operators, and not by partners.
const OPERATORS_ONLY: [&str; 9] = [
    "set_configuration",
    "get_configuration",
    "update_firmware",
    "get_diagnostics",
    "clear_cache",
    "set_charging_profile",
    "clear_charging_profile",
    "get_composite_schedule",
    "data_transfer",
];

/// What a partner asked for.
pub(crate) enum Asked {
    Order(Order),
    OperatorsOnly,
}

impl<'de> Deserialize<'de> for Asked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let body = Value::deserialize(deserializer)?;
        let kind = body.get("type").and_then(Value::as_str);
        if kind.is_some_and(|kind| OPERATORS_ONLY.contains(&kind)) {
            return Ok(Self::OperatorsOnly);
        }
        Order::deserialize(body).map(Self::Order).map_err(D::Error::custom)
    }
}

impl Asked {
    pub(super) fn kind(self) -> Result<CommandKind, Invalid> {
        match self {
            Self::Order(order) => Ok(order.into()),
            Self::OperatorsOnly => {
                Err(Invalid::one("/type", "command_not_offered", "no API key can give this command"))
            }
        }
    }
}

impl Order {
    /// The order where it is one of those that partners know.
    pub(super) fn of(kind: CommandKind) -> Option<Self> {
        Some(match kind {
            CommandKind::Reset { kind } => Self::Reset { kind: kind.into() },
            CommandKind::Unlock { connector } => Self::Unlock { connector_number: connector },
            CommandKind::RemoteStart { connector, id_tag, charging_profile: _ } => {
                Self::RemoteStart { connector_number: connector, id_tag }
            }
            CommandKind::RemoteStop { transaction: TransactionRef::Id(id) } => {
                Self::RemoteStop { transaction_id: id.into() }
            }
            CommandKind::ChangeAvailability { connector, operative } => {
                let wanted = if operative { Availability::Operative } else { Availability::Inoperative };
                Self::ChangeAvailability { connector_number: connector, availability: wanted.into() }
            }
            CommandKind::TriggerMessage { message, connector } => {
                let message = match message {
                    TriggeredMessage::BootNotification => MessageWord::BootNotification,
                    TriggeredMessage::Heartbeat => MessageWord::Heartbeat,
                    TriggeredMessage::MeterValues => MessageWord::MeterValues,
                    TriggeredMessage::StatusNotification => MessageWord::StatusNotification,
                    TriggeredMessage::DiagnosticsStatusNotification
                    | TriggeredMessage::FirmwareStatusNotification => return None,
                };
                Self::TriggerMessage { message, connector_number: connector }
            }
            CommandKind::RemoteStop { transaction: TransactionRef::Ocpp(_) }
            | CommandKind::SetConfiguration { .. }
            | CommandKind::GetConfiguration { .. }
            | CommandKind::UpdateFirmware { .. }
            | CommandKind::GetDiagnostics { .. }
            | CommandKind::ClearCache
            | CommandKind::SetChargingProfile { .. }
            | CommandKind::ClearChargingProfile { .. }
            | CommandKind::GetCompositeSchedule { .. }
            | CommandKind::DataTransfer { .. } => return None,
        })
    }
}

impl From<Order> for CommandKind {
    fn from(order: Order) -> Self {
        match order {
            Order::Reset { kind } => Self::Reset { kind: kind.into() },
            Order::Unlock { connector_number: connector } => Self::Unlock { connector },
            Order::RemoteStart { connector_number: connector, id_tag } => {
                Self::RemoteStart { connector, id_tag, charging_profile: None }
            }
            Order::RemoteStop { transaction_id } => {
                Self::RemoteStop { transaction: TransactionRef::Id(transaction_id.into()) }
            }
            Order::ChangeAvailability { connector_number: connector, availability } => {
                let operative = Availability::from(availability) == Availability::Operative;
                Self::ChangeAvailability { connector, operative }
            }
            Order::TriggerMessage { message, connector_number: connector } => {
                Self::TriggerMessage { message: message.into(), connector }
            }
        }
    }
}

impl From<MessageWord> for TriggeredMessage {
    fn from(word: MessageWord) -> Self {
        match word {
            MessageWord::BootNotification => Self::BootNotification,
            MessageWord::Heartbeat => Self::Heartbeat,
            MessageWord::MeterValues => Self::MeterValues,
            MessageWord::StatusNotification => Self::StatusNotification,
        }
    }
}
