//! Kinds, formats and states as callers write them.

use report::{Failure, Format, Kind, RunState};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident of $domain:ident as $schema:ident { $($variant:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
        #[schema(as = $schema)]
        #[serde(rename_all = "snake_case")]
        pub(super) enum $name { $($variant,)* }

        impl From<$domain> for $name {
            fn from(value: $domain) -> Self {
                match value { $($domain::$variant => Self::$variant,)* }
            }
        }

        impl From<$name> for $domain {
            fn from(word: $name) -> Self {
                match word { $($name::$variant => Self::$variant,)* }
            }
        }
    };
}

words! {
    /// What a report is about.
    KindWord of Kind as ReportKindWord {
        ChargingSessions, EnergyAndCost, ChargerUtilisation, DemandAgainstLimit,
    }
}
words! {
    /// What a report is written as.
    FormatWord of Format as ReportFormat { Csv, Xlsx, Pdf }
}
words! {
    /// `queued` waits for a worker; `cancelling` ends as soon as its worker hears of it.
    StateWord of RunState as ReportRunState {
        Queued, Running, Cancelling, Finished, Failed, Cancelled,
    }
}
words! {
    /// Why nothing came of it.
    FailureWord of Failure as ReportFailure { StoreAway, Internal, WorkersLost }
}
