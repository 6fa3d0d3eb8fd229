//! Words of alerts.

use notification::{AlertKind, AlertState, Channel, DeliveryState, Severity};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A word of the API for each word of the domain.
macro_rules! words {
    ($($(#[$doc:meta])* $word:ident = $domain:ident as $schema:ident { $($(#[$of:meta])* $value:ident),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
        #[schema(as = $schema)]
        #[serde(rename_all = "snake_case")]
        pub(crate) enum $word {
            $($(#[$of])* $value,)*
        }

        impl From<$domain> for $word {
            fn from(value: $domain) -> Self {
                match value {
                    $($domain::$value => Self::$value,)*
                }
            }
        }

        impl From<$word> for $domain {
            fn from(word: $word) -> Self {
                match word {
                    $($word::$value => Self::$value,)*
                }
            }
        }
    )*};
}

words! {
    KindWord = AlertKind as AlertKind {
        /// A charger or a connector reports an error.
        Fault,
        /// A charger has lost its connection and did not come back.
        Offline,
        /// A vehicle is plugged in and does not charge as it should.
        StalledCharging,
        /// A run's vehicle may not be, or will not be, ready at its departure.
        RunAtRisk,
        /// A circuit is measured to carry more than its usable limit.
        LimitExceeded,
        /// A charger draws more than it was told to.
        NotFollowing,
        /// An API key ends soon.
        ApiKeyExpiring,
    }
    SeverityWord = Severity as AlertSeverity {
        Info,
        Warning,
        Critical,
    }
    StateWord = AlertState as AlertState {
        Open,
        /// Somebody looks after it.
        Acknowledged,
        /// It is over.
        Cleared,
    }
    ChannelWord = Channel as DeliveryChannel {
        Email,
        Webhook,
    }
    DeliveryWord = DeliveryState as DeliveryState {
        /// It is collected, due, or tried again.
        Pending,
        Sent,
        /// It was tried for as long as it is worth trying.
        Failed,
        /// Nothing was left to tell, or nobody to be told.
        Cancelled,
    }
}
