//! What electricity costs the depot.

use std::fmt;

use kernel::{DepotId, OrganisationId, Timestamp, Version, W, WeekBand};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::depot::TimeZone;

/// Prices by time of use, and what the highest power of a billing month costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ElectricityTariff {
    pub organisation: OrganisationId,
    pub depot: DepotId,
    pub version: Version,
    /// ISO 4217, for every price in it.
    pub currency: String,
    /// Per kWh, whenever no band says otherwise. May be negative.
    pub base_price: Price,
    /// They never overlap.
    pub bands: Vec<PriceBand>,
    /// Per kW of the month's highest power.
    pub demand_charge: Option<Price>,
    /// A highest power of the site that charging keeps for money's sake, though no wire needs it.
    pub demand_target: Option<W>,
    /// Whether that target gives way, as little as needed, where a vehicle would otherwise miss energy.
    pub may_break_demand_target: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl ElectricityTariff {
    /// The price of a kWh at an instant, by the depot's clock.
    pub fn price_at(&self, zone: TimeZone, at: Timestamp) -> Price {
        let (weekday, time) = zone.wall_clock(at);
        let band = self.bands.iter().find(|band| band.band.contains(weekday, time));
        band.map_or(self.base_price, |band| band.price)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceBand {
    pub name: Option<String>,
    pub band: WeekBand,
    /// Per kWh.
    pub price: Price,
}

/// An exact amount of money per unit, with at most six decimals; a text in every encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Price(Decimal);

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a decimal number with at most six decimals, below 1,000,000")]
pub struct BadPrice;

impl Price {
    const MAX: Decimal = Decimal::from_parts(1_000_000, 0, 0, false, 0);

    /// # Errors
    /// [`BadPrice`] for anything but plain decimal notation, more than six decimals, or a million
    /// and more.
    pub fn parse(text: &str) -> Result<Self, BadPrice> {
        let plain = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
        if !plain || text.len() > 32 {
            return Err(BadPrice);
        }
        let amount = Decimal::from_str_exact(text).map_err(|_| BadPrice)?;
        if amount.normalize().scale() > 6 || amount.abs() >= Self::MAX {
            return Err(BadPrice);
        }
        Ok(Self(amount))
    }

    pub fn amount(self) -> Decimal {
        self.0
    }

    /// The exact amount in millionths of the currency.
    pub fn millionths(self) -> i64 {
        let amount = self.0.normalize();
        let missing = 6_u32.saturating_sub(amount.scale());
        // Below 10^6 with at most six decimals: below 10^12.
        i64::try_from(amount.mantissa() * 10_i128.pow(missing)).unwrap_or(i64::MAX)
    }

    pub fn is_negative(self) -> bool {
        self.0.is_sign_negative() && !self.0.is_zero()
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Price {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Price {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_exact_and_plain() {
        assert_eq!(Price::parse("0.214500").unwrap().to_string(), "0.214500");
        assert!(Price::parse("-12.5").unwrap().is_negative());
        assert_eq!(Price::parse("-12.500").unwrap().millionths(), -12_500_000);
        assert_eq!(Price::parse("0.000001").unwrap().millionths(), 1);
        assert!(!Price::parse("-0.00").unwrap().is_negative());
        for text in ["", "abc", "1e3", "0.1234567", "1000000", "NaN", "1,5", "1.2.3", "-", "0.1_0"] {
            assert_eq!(Price::parse(text), Err(BadPrice), "{text}");
        }
    }
}
