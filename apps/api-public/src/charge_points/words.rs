//! The words of charge points.

use charge_point::{Availability, ConnectorStatus, Protocol};
use serde::Serialize;
use utoipa::ToSchema;

use crate::words::words;

words! {
    AvailabilityWord as Availability for Availability { Operative, Inoperative }
}

words! {
    StatusWord as ConnectorStatus for ConnectorStatus {
        Unknown,
        Available,
        Preparing,
        Charging,
        SuspendedEv,
        SuspendedEvse,
        Finishing,
        Reserved,
        Unavailable,
        Faulted,
    }
}

/// The protocol of the charger's last connection.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[schema(as = ChargerProtocol)]
pub(crate) enum ProtocolWord {
    #[serde(rename = "ocpp1.6")]
    Ocpp16,
}

impl From<Protocol> for ProtocolWord {
    fn from(protocol: Protocol) -> Self {
        match protocol {
            Protocol::Ocpp16 => Self::Ocpp16,
        }
    }
}
