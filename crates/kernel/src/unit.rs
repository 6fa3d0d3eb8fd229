//! Units as types. Stored and computed as integers, so that sums are exact and both databases
//! agree; converted to the decimal units of the API (`_kw`, `_kwh`, `_percent`) at the edge.

use std::{
    fmt,
    iter::Sum,
    ops::{Add, AddAssign, Neg, Sub, SubAssign},
};

use serde::{Deserialize, Serialize};

macro_rules! quantity {
    ($($(#[$doc:meta])* $name:ident $symbol:literal),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl $name {
            pub const ZERO: Self = Self(0);

            pub const fn get(self) -> i64 {
                self.0
            }

            /// The value in thousands of the unit, as the API shows it.
            #[expect(clippy::cast_precision_loss, reason = "physical values stay far below 2^53")]
            pub fn to_kilo(self) -> f64 {
                self.0 as f64 / 1000.0
            }

            /// From thousands of the unit, rounded to the nearest whole unit; saturates, and
            /// takes not-a-number as zero.
            #[expect(clippy::cast_possible_truncation, reason = "`as` saturates, which is what is wanted")]
            pub fn from_kilo(kilo: f64) -> Self {
                Self((kilo * 1000.0).round() as i64)
            }

            pub const fn saturating_sub(self, other: Self) -> Self {
                Self(self.0.saturating_sub(other.0))
            }

            /// The value, or zero where it is negative.
            pub fn at_least_zero(self) -> Self {
                Self(self.0.max(0))
            }
        }

        impl Add for $name {
            type Output = Self;
            fn add(self, other: Self) -> Self {
                Self(self.0.saturating_add(other.0))
            }
        }

        impl Sub for $name {
            type Output = Self;
            fn sub(self, other: Self) -> Self {
                Self(self.0.saturating_sub(other.0))
            }
        }

        impl Neg for $name {
            type Output = Self;
            fn neg(self) -> Self {
                Self(self.0.saturating_neg())
            }
        }

        impl AddAssign for $name {
            fn add_assign(&mut self, other: Self) {
                *self = *self + other;
            }
        }

        impl SubAssign for $name {
            fn sub_assign(&mut self, other: Self) {
                *self = *self - other;
            }
        }

        impl Sum for $name {
            fn sum<I: Iterator<Item = Self>>(items: I) -> Self {
                items.fold(Self::ZERO, Add::add)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{} {}", self.0, $symbol)
            }
        }
    )*};
}

quantity! {
    /// Energy in watt-hours.
    Wh "Wh",
    /// Active power in watts.
    W "W",
    /// Current per phase in thousandths of an ampere.
    MilliAmps "mA",
}

/// State of charge in hundredths of a percent: 0 to 10,000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct Soc(u16);

impl Soc {
    pub const EMPTY: Self = Self(0);
    pub const FULL: Self = Self(10_000);

    /// From hundredths of a percent; `None` above 10,000.
    pub const fn from_hundredths(hundredths: u16) -> Option<Self> {
        if hundredths <= 10_000 { Some(Self(hundredths)) } else { None }
    }

    /// From percent; `None` outside 0 to 100 or for not-a-number.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be 0 to 100")]
    pub fn from_percent(percent: f64) -> Option<Self> {
        (0.0..=100.0).contains(&percent).then(|| Self((percent * 100.0).round() as u16))
    }

    pub const fn hundredths(self) -> u16 {
        self.0
    }

    pub fn to_percent(self) -> f64 {
        f64::from(self.0) / 100.0
    }
}

impl TryFrom<u16> for Soc {
    type Error = String;

    fn try_from(hundredths: u16) -> Result<Self, Self::Error> {
        Self::from_hundredths(hundredths)
            .ok_or_else(|| format!("state of charge {hundredths} is above 10000 hundredths of a percent"))
    }
}

impl From<Soc> for u16 {
    fn from(soc: Soc) -> Self {
        soc.0
    }
}

impl fmt::Display for Soc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} %", self.to_percent())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kilo_round_trips_and_saturates() {
        assert_eq!(W::from_kilo(22.0345), W(22_035));
        assert!((W(22_035).to_kilo() - 22.035).abs() < 1e-9);
        assert_eq!(W::from_kilo(f64::INFINITY), W(i64::MAX));
        assert_eq!(W::from_kilo(f64::NAN), W(0));
        assert_eq!(W(i64::MAX) + W(1), W(i64::MAX));
    }

    #[test]
    fn soc_refuses_what_no_battery_has() {
        assert_eq!(Soc::from_percent(80.5).map(Soc::hundredths), Some(8_050));
        for absurd in [-0.1, 100.1, f64::NAN, f64::INFINITY] {
            assert_eq!(Soc::from_percent(absurd), None);
        }
    }
}
