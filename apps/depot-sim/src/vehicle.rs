//! A vehicle as a charger sees it: a battery that takes what it can, less and less when nearly full.
//!
//! Batteries charge at constant current up to a state of charge and at constant voltage above it,
//! where the power falls roughly in a straight line. It knows nothing of OCPP or of limits.

use std::time::Duration;

/// Above this state of charge the power a battery takes falls.
const TAPER_FROM: f64 = 0.8;
/// The least share of its power that a battery takes until it is full.
const TRICKLE: f64 = 0.04;

#[derive(Clone, Debug, PartialEq)]
pub struct Vehicle {
    /// What it identifies itself with: the value of an RFID card, or its EVCCID.
    pub id_tag: String,
    pub battery_wh: f64,
    /// 0 to 1.
    pub soc: f64,
    pub max_ac_w: f64,
    pub max_dc_w: f64,
    /// Phases of its on-board charger: 1 to 3.
    pub phases: u8,
    /// How many times faster than in reality its battery fills and empties. Energy stays honest:
    /// the charger's register grows by power × time, as if the battery were smaller by this factor.
    pub haste: f64,
}

impl Vehicle {
    /// The power it takes now when offered as much as it wants, in watts.
    pub fn accepts(&self, dc: bool) -> f64 {
        if self.is_full() {
            return 0.0;
        }
        let over = ((self.soc - TAPER_FROM) / (1.0 - TAPER_FROM)).max(0.0);
        let battery = self.max_dc_w.max(self.max_ac_w) * (1.0 - over).max(TRICKLE);
        battery.min(self.max_for(dc))
    }

    /// The power its DC inlet or its on-board charger is made for.
    pub fn max_for(&self, dc: bool) -> f64 {
        if dc { self.max_dc_w } else { self.max_ac_w }
    }

    /// Takes `power_w` for a while.
    pub fn charge(&mut self, power_w: f64, lasting: Duration) {
        let wh = power_w * lasting.as_secs_f64() / 3600.0;
        self.soc = (self.soc + wh * self.haste / self.battery_wh.max(1.0)).min(1.0);
    }

    /// Comes back from a trip with a part of its battery used, though never quite empty.
    pub fn drive(&mut self, share: f64) {
        self.soc = (self.soc - share).max(0.05);
    }

    pub fn is_full(&self) -> bool {
        self.soc >= 0.9999
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bus(soc: f64) -> Vehicle {
        Vehicle {
            id_tag: "BUS".into(),
            battery_wh: 300_000.0,
            soc,
            max_ac_w: 22_000.0,
            max_dc_w: 150_000.0,
            phases: 3,
            haste: 1.0,
        }
    }

    #[test]
    fn power_falls_above_four_fifths_and_ends_when_full() {
        assert_eq!(bus(0.5).accepts(true), 150_000.0);
        assert_eq!(bus(0.5).accepts(false), 22_000.0);
        assert!((bus(0.9).accepts(true) - 75_000.0).abs() < 1.0);
        assert_eq!(bus(1.0).accepts(true), 0.0);
    }

    #[test]
    fn an_hour_at_its_power_moves_the_state_of_charge_by_energy_over_battery() {
        let mut bus = bus(0.2);
        bus.charge(60_000.0, Duration::from_secs(3600));
        assert!((bus.soc - 0.4).abs() < 1e-9);
    }
}
