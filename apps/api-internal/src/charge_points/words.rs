//! The words of charge points in the API, and what they mean in the domain.

use charge_point::{
    Availability, ConnectorStatus, CurrentType, PhaseRotation, Protocol, RateUnits, Registration,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Two enumerations with the same words, turned into each other.
macro_rules! words {
    ($(#[$doc:meta])* $word:ident as $schema:ident for $domain:ty { $($name:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
        #[schema(as = $schema)]
        #[serde(rename_all = "snake_case")]
        pub(crate) enum $word {
            $($name,)*
        }

        impl From<$domain> for $word {
            fn from(value: $domain) -> Self {
                match value {
                    $(<$domain>::$name => Self::$name,)*
                }
            }
        }

        impl From<$word> for $domain {
            fn from(word: $word) -> Self {
                match word {
                    $($word::$name => Self::$name,)*
                }
            }
        }
    };
}
pub(crate) use words;

words! {
    CurrentWord as CurrentType for CurrentType { Ac, Dc }
}

words! {
    /// Which units the charger takes in a charging profile.
    RateUnitsWord as RateUnits for RateUnits { Amps, Watts, Both }
}

words! {
    /// Whether the charger may take part: its answer to a boot.
    RegistrationWord as Registration for Registration { Accepted, Pending, Rejected }
}

words! {
    /// How the phases of an EVSE are wired to those of the grid.
    RotationWord as PhaseRotation for PhaseRotation { Rst, Rts, Srt, Str, Trs, Tsr }
}

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
