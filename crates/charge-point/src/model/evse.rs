//! EVSEs and their connectors.

use std::fmt;

use kernel::{DepotId, EvseId, Invalid, W};
use serde::{Deserialize, Serialize};

use super::status::ConnectorLive;

/// A place to charge one vehicle at a time. Its connectors share its power.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evse {
    pub id: EvseId,
    /// Counts from 1 within the charge point.
    pub number: u16,
    pub rotation: PhaseRotation,
    /// At least one.
    pub connectors: Vec<Connector>,
}

impl Evse {
    /// How many phases it can load: 1 or 3.
    pub fn phases(&self) -> u8 {
        self.connectors.iter().map(|connector| connector.phases).max().unwrap_or(3)
    }

    /// What its strongest connector gives.
    pub fn max_power(&self) -> W {
        self.connectors.iter().map(|connector| connector.max_power).max().unwrap_or(W::ZERO)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Connector {
    /// As the charger numbers it: within its EVSE, or over the whole charge point.
    pub number: u16,
    /// Its number when connectors are counted over the whole charge point, as OCPP 1.6 does.
    pub flat_number: u16,
    pub standard: ConnectorStandard,
    pub max_power: W,
    /// 1 or 3. DC counts as 3: that is how it loads the grid.
    pub phases: u8,
    #[serde(skip)]
    pub live: ConnectorLive,
}

/// Where a connector is, without the rest of its charge point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectorPlace {
    pub depot: DepotId,
    pub evse: EvseId,
    pub evse_number: u16,
    pub connector_number: u16,
    pub flat_number: u16,
}

/// The kind of a plug, by its OCPI name in lower case (`iec_62196_t2_combo`) where it has one.
/// The list of standards is open, so other words are kept as given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ConnectorStandard(String);

impl ConnectorStandard {
    pub const MAX_CHARS: usize = 40;
    const TYPE_2: &'static str = "iec_62196_t2";
    const CCS_2: &'static str = "iec_62196_t2_combo";

    /// # Errors
    /// [`Invalid`] unless it is 1 to 40 letters, digits and `_ - .`.
    pub fn parse(pointer: &str, text: &str) -> Result<Self, Invalid> {
        let mut invalid = Invalid::default();
        let text = invalid.text(pointer, text, Self::MAX_CHARS);
        if !text.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c)) {
            invalid.push(pointer, "malformed", "may hold letters, digits and _-. only");
        }
        invalid.into_result().map(|()| Self(text))
    }

    /// The usual one: Type 2 for AC, CCS 2 for DC.
    pub fn usual(current: CurrentType) -> Self {
        Self(match current {
            CurrentType::Ac => Self::TYPE_2.to_owned(),
            CurrentType::Dc => Self::CCS_2.to_owned(),
        })
    }

    /// AC or DC, where the name tells.
    pub fn current(&self) -> Option<CurrentType> {
        let name = self.0.to_ascii_lowercase();
        let any = |words: &[&str]| words.iter().any(|word| name.contains(word));
        if any(&["combo", "ccs", "chademo", "pantograph", "gbt_dc", "mcs", "chaoji"]) {
            Some(CurrentType::Dc)
        } else if any(&[
            "_t1", "_t2", "_t3", "type1", "type2", "type_1", "type_2", "gbt_ac", "domestic", "60309",
        ]) {
            Some(CurrentType::Ac)
        } else {
            None
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ConnectorStandard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CurrentType {
    Ac,
    Dc,
}

/// How the phases of an EVSE are wired to those of the grid: `Srt` means that its first phase is
/// the grid's second. A single-phase EVSE loads the phase that its rotation names first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhaseRotation {
    #[default]
    Rst,
    Rts,
    Srt,
    Str,
    Trs,
    Tsr,
}

impl PhaseRotation {
    /// The grid's phases (0 to 2) behind the EVSE's first, second and third.
    pub const fn grid_phases(self) -> [usize; 3] {
        match self {
            Self::Rst => [0, 1, 2],
            Self::Rts => [0, 2, 1],
            Self::Srt => [1, 0, 2],
            Self::Str => [1, 2, 0],
            Self::Trs => [2, 0, 1],
            Self::Tsr => [2, 1, 0],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_plug_tells_its_current() {
        let current = |name| ConnectorStandard::parse("", name).unwrap().current();
        assert_eq!(current("iec_62196_t2"), Some(CurrentType::Ac));
        assert_eq!(current("IEC_62196_T2_COMBO"), Some(CurrentType::Dc));
        assert_eq!(current("chademo"), Some(CurrentType::Dc));
        assert_eq!(current("something-new"), None);
        assert!(ConnectorStandard::parse("", "a b").is_err());
        for kind in [CurrentType::Ac, CurrentType::Dc] {
            assert_eq!(ConnectorStandard::usual(kind).current(), Some(kind));
        }
    }
}
