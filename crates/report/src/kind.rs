//! What reports there are, and what they may be written as.

use serde::{Deserialize, Serialize};

/// What a report is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Every session that began in the time, one a row.
    ChargingSessions,
    /// The energy of sessions and what it cost, by day, depot and vehicle.
    EnergyAndCost,
    /// How much of the time each charger delivered energy.
    ChargerUtilisation,
    /// How much of the time each connector could be used.
    Uptime,
    /// Whether vehicles had what their runs needed when they were to leave.
    DispatchCompliance,
    /// What each depot drew in every quarter of an hour, beside what it may.
    DemandAgainstLimit,
}

impl Kind {
    pub const ALL: [Self; 6] = [
        Self::ChargingSessions,
        Self::EnergyAndCost,
        Self::ChargerUtilisation,
        Self::Uptime,
        Self::DispatchCompliance,
        Self::DemandAgainstLimit,
    ];

    /// The word for programs, as serde writes it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::ChargingSessions => "charging_sessions",
            Self::EnergyAndCost => "energy_and_cost",
            Self::ChargerUtilisation => "charger_utilisation",
            Self::Uptime => "uptime",
            Self::DispatchCompliance => "dispatch_compliance",
            Self::DemandAgainstLimit => "demand_against_limit",
        }
    }

    /// The heading for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::ChargingSessions => "Charging sessions",
            Self::EnergyAndCost => "Energy and cost",
            Self::ChargerUtilisation => "Charger utilisation",
            Self::Uptime => "Uptime",
            Self::DispatchCompliance => "Dispatch compliance",
            Self::DemandAgainstLimit => "Demand against limit",
        }
    }

    /// One sentence for people who choose.
    pub const fn about(self) -> &'static str {
        match self {
            Self::ChargingSessions => "Every session that began in the time, one a row.",
            Self::EnergyAndCost => {
                "The energy of sessions and what it cost, by the day they began, depot and vehicle."
            }
            Self::ChargerUtilisation => {
                "For how much of the time each charger delivered energy, and how much."
            }
            Self::Uptime => {
                "For how much of the time each connector could be used, when it could not, and what was excluded."
            }
            Self::DispatchCompliance => {
                "Every run that was to depart in the time: what its vehicle needed, what it left with, and when."
            }
            Self::DemandAgainstLimit => {
                "What each depot's chargers drew in every quarter of an hour, beside what its connection allows."
            }
        }
    }
}

/// How a report is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    Csv,
    Xlsx,
    Pdf,
}

impl Format {
    pub const ALL: [Self; 3] = [Self::Csv, Self::Xlsx, Self::Pdf];

    /// The word for programs, and how a file's name ends.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Pdf => "pdf",
        }
    }

    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Pdf => "application/pdf",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_what_serde_writes() {
        for kind in Kind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.word());
        }
        for format in Format::ALL {
            assert_eq!(serde_json::to_value(format).unwrap(), format.word());
        }
    }
}
