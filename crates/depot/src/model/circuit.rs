//! A node of the electrical tree.

use std::fmt;

use kernel::{CircuitId, DepotId, MilliAmps, OrganisationId, Timestamp, Version, W};
use serde::{Deserialize, Serialize};

use super::limit::CircuitLimit;

/// One node on the way of the current from the grid to the chargers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Circuit {
    pub id: CircuitId,
    pub organisation: OrganisationId,
    pub depot: DepotId,
    pub version: Version,
    /// `None` for the root, the depot's grid connection.
    pub parent: Option<CircuitId>,
    pub name: String,
    pub kind: CircuitKind,
    /// What holds while no window and no external limit says otherwise. Never empty.
    pub limit: CircuitLimit,
    pub phases: Phases,
    pub voltage: Volts,
    /// The part of any limit that is never used.
    pub safety_margin: Margin,
    /// What each charger on this node, or below it where no nearer node says otherwise, is taken
    /// to draw while it is offline.
    pub fallback_reserve: Option<W>,
    /// Load of others on this very node where no meter tells better. It counts here and in all
    /// nodes above, and does not include what hangs on the nodes below.
    pub unmanaged_load: W,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Circuit {
    pub fn is_root(&self) -> bool {
        self.parent.is_none()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CircuitKind {
    /// The root of the tree, and only the root.
    GridConnection,
    Transformer,
    Panel,
    Circuit,
}

/// How many live conductors a node has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phases {
    One,
    Three,
}

impl Phases {
    pub const fn count(self) -> i64 {
        match self {
            Self::One => 1,
            Self::Three => 3,
        }
    }

    /// `None` for anything but 1 and 3.
    pub const fn from_count(count: i64) -> Option<Self> {
        match count {
            1 => Some(Self::One),
            3 => Some(Self::Three),
            _ => None,
        }
    }
}

impl Serialize for Phases {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.count())
    }
}

/// Voltage between a phase and neutral, in volts: 50 to 40,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Volts(i64);

impl Volts {
    pub const MIN: i64 = 50;
    pub const MAX: i64 = 40_000;

    /// `None` outside the range.
    pub const fn new(volts: i64) -> Option<Self> {
        if volts >= Self::MIN && volts <= Self::MAX { Some(Self(volts)) } else { None }
    }

    pub const fn get(self) -> i64 {
        self.0
    }

    /// P = I · U · phases, rounded down.
    pub fn power(self, per_phase: MilliAmps, phases: Phases) -> W {
        W(per_phase.get().saturating_mul(self.0).saturating_mul(phases.count()).div_euclid(1000))
    }
}

impl Default for Volts {
    fn default() -> Self {
        Self(230)
    }
}

impl fmt::Display for Volts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} V", self.0)
    }
}

/// A part held back, in hundredths of a percent: 0 to 9,000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Margin(u16);

impl Margin {
    pub const NONE: Self = Self(0);
    pub const MAX_PERCENT: f64 = 90.0;

    /// `None` above 9,000.
    pub const fn from_hundredths(hundredths: u16) -> Option<Self> {
        if hundredths <= 9_000 { Some(Self(hundredths)) } else { None }
    }

    /// `None` outside 0 to 90 or for not-a-number.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be 0 to 90")]
    pub fn from_percent(percent: f64) -> Option<Self> {
        (0.0..=Self::MAX_PERCENT).contains(&percent).then(|| Self((percent * 100.0).round() as u16))
    }

    pub const fn hundredths(self) -> u16 {
        self.0
    }

    pub fn to_percent(self) -> f64 {
        f64::from(self.0) / 100.0
    }

    /// What is left of a quantity in any unit, rounded down.
    pub(crate) fn less(self, quantity: i64) -> i64 {
        let left = i128::from(quantity) * i128::from(10_000 - self.0);
        i64::try_from(left.div_euclid(10_000)).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn power_of_a_current() {
        assert_eq!(Volts::default().power(MilliAmps(32_000), Phases::Three), W(22_080));
        assert_eq!(Volts::default().power(MilliAmps(16_000), Phases::One), W(3_680));
    }

    #[test]
    fn a_margin_rounds_to_the_safe_side() {
        let margin = Margin::from_percent(5.0).unwrap();
        assert_eq!(
            (margin.less(100_001), margin.less(0), Margin::NONE.less(i64::MAX)),
            (95_000, 0, i64::MAX)
        );
        assert!(Margin::from_percent(f64::NAN).is_none() && Margin::from_percent(90.1).is_none());
    }
}
