//! The kinds of charts, and how finely each can be drawn.

use chrono::TimeDelta;

/// What a chart shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    DepotPower,
    CircuitPower,
    Energy,
    Soc,
    Utilisation,
    PlanVsActual,
    Readiness,
    DemandPeaks,
}

impl Kind {
    pub const ALL: [Self; 8] = [
        Self::DepotPower,
        Self::CircuitPower,
        Self::Energy,
        Self::Soc,
        Self::Utilisation,
        Self::PlanVsActual,
        Self::Readiness,
        Self::DemandPeaks,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::DepotPower => "depot_power",
            Self::CircuitPower => "circuit_power",
            Self::Energy => "energy",
            Self::Soc => "soc",
            Self::Utilisation => "utilisation",
            Self::PlanVsActual => "plan_vs_actual",
            Self::Readiness => "readiness",
            Self::DemandPeaks => "demand_peaks",
        }
    }

    /// The resolutions it has, the finest first.
    pub const fn resolutions(self) -> &'static [Resolution] {
        use Resolution::{Day, Hour, Minute, Quarter};
        match self {
            Self::DepotPower | Self::Soc => &[Minute, Quarter, Hour, Day],
            Self::CircuitPower | Self::Energy | Self::PlanVsActual => &[Quarter, Hour, Day],
            Self::Utilisation | Self::DemandPeaks => &[Hour, Day],
            Self::Readiness => &[Day],
        }
    }

    /// Whether its values are drawn as bars: then each stands for itself and none may be left out.
    pub const fn has_bars(self) -> bool {
        matches!(self, Self::Energy | Self::Readiness | Self::DemandPeaks)
    }

    /// How much is shown where nothing is said.
    pub(crate) const fn usual(self) -> TimeDelta {
        match self {
            Self::DepotPower | Self::CircuitPower | Self::PlanVsActual => TimeDelta::days(1),
            Self::Energy | Self::Soc => TimeDelta::days(7),
            Self::Utilisation | Self::Readiness | Self::DemandPeaks => TimeDelta::days(30),
        }
    }
}

/// How long a bucket is: minutes and quarters of an hour as they are, hours and days by the clock of
/// the depot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resolution {
    Minute,
    Quarter,
    Hour,
    Day,
}

impl Resolution {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Minute => "1m",
            Self::Quarter => "15m",
            Self::Hour => "1h",
            Self::Day => "1d",
        }
    }

    /// The usual length; a day on which the clock is changed is shorter or longer.
    pub const fn length(self) -> TimeDelta {
        match self {
            Self::Minute => TimeDelta::minutes(1),
            Self::Quarter => TimeDelta::minutes(15),
            Self::Hour => TimeDelta::hours(1),
            Self::Day => TimeDelta::days(1),
        }
    }
}
