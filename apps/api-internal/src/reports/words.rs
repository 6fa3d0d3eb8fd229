//! Kinds, formats and states as callers write them.

use report::{CatchUp, Failure, Format, Kind, Period, RunState};
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
        ChargingSessions, EnergyAndCost, ChargerUtilisation, Uptime, DispatchCompliance, DemandAgainstLimit,
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
words! {
    /// The last whole one before each time, by the clock of the schedule; weeks begin on Monday.
    PeriodWord of Period as ReportPeriod { Day, Week, Month }
}
words! {
    /// What becomes of times that passed while no worker ran: `none` leaves them out, `latest` makes up
    /// for the last of them, `all` for each, up to fifty.
    CatchUpWord of CatchUp as ReportCatchUp { None, Latest, All }
}
