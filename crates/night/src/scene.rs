//! Who comes when, who leaves when, and what stands in the yard. The same seed makes the same night.

use chrono::{NaiveDate, TimeDelta};
use kernel::{Soc, Timestamp};
use rand::{Rng, SeedableRng, rngs::StdRng};

use crate::clock::at;

/// Which night.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Night {
    /// Clocks go forward: the night is an hour shorter.
    Spring,
    /// Clocks go back: the small hours come twice.
    Autumn,
}

impl Night {
    pub const ALL: [Self; 2] = [Self::Spring, Self::Autumn];

    /// The day whose evening it is.
    fn eve(self) -> NaiveDate {
        let (month, day) = match self {
            Self::Spring => (3, 28),
            Self::Autumn => (10, 24),
        };
        NaiveDate::from_ymd_opt(2026, month, day).unwrap_or_default()
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Spring => "spring",
            Self::Autumn => "autumn",
        }
    }
}

/// A depot and its night.
#[derive(Clone, Debug)]
pub struct Scene {
    pub night: Night,
    pub begins_at: Timestamp,
    pub ends_at: Timestamp,
    /// Kilowatts of the grid connection.
    pub connection_kw: f64,
    /// Percent of it that is never used.
    pub margin_percent: f64,
    /// Kilowatts that others draw at the connection.
    pub unmanaged_kw: f64,
    /// Kilowatts of each panel.
    pub panel_kw: f64,
    pub chargers: Vec<Charger>,
    /// One for each charger.
    pub duties: Vec<Duty>,
}

#[derive(Clone, Debug)]
pub struct Charger {
    pub identity: String,
    pub dc: bool,
    pub max_kw: f64,
    pub min_kw: f64,
    pub panel: usize,
}

/// A vehicle's evening and morning.
#[derive(Clone, Debug)]
pub struct Duty {
    pub battery_kwh: f64,
    pub max_kw: f64,
    /// When it left in the morning of the eve, and with what.
    pub left_at: Timestamp,
    pub left_with: Soc,
    /// When it is said to be back, and when it is.
    pub expected_at: Timestamp,
    pub arrives_at: Timestamp,
    /// Kilowatt-hours that the day was said to take, and the state of charge that it left.
    pub day_kwh: f64,
    pub arrives_with: Soc,
    pub departs_at: Timestamp,
    pub returns_at: Timestamp,
    pub needed: Soc,
    /// 1 is the most important.
    pub level: u8,
}

/// Chargers on one panel.
const ON_A_PANEL: usize = 8;
/// What the cells of every battery take, in kilowatts.
pub(crate) const CELLS_KW: f64 = 100.0;
/// Share of the energy from the grid that batteries keep.
pub(crate) const AC_KEEPS: f64 = 0.9;
pub(crate) const DC_KEEPS: f64 = 0.94;

impl Scene {
    /// A depot of so many vehicles, each with a charger: half of them on AC.
    pub fn new(night: Night, vehicles: usize, seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let chargers: Vec<Charger> = (0..vehicles).map(charger).collect();
        let duties: Vec<Duty> = chargers.iter().map(|charger| duty(night, charger, &mut rng)).collect();
        let energy: f64 = duties.iter().zip(&chargers).map(|(duty, charger)| duty.need_kwh(charger.dc)).sum();
        // A little more than what the night's energy takes when spread evenly over nine hours.
        let managed_kw = (energy / 9.0 * 1.1).ceil();
        let unmanaged_kw = (managed_kw / 10.0).ceil();
        let margin_percent = 5.0;
        Self {
            night,
            begins_at: at(night.eve(), 15, 0),
            ends_at: at(night.eve(), 24 + 9, 0),
            connection_kw: ((managed_kw + unmanaged_kw) / (1.0 - margin_percent / 100.0)).ceil(),
            margin_percent,
            unmanaged_kw,
            panel_kw: 200.0,
            chargers,
            duties,
        }
    }

    pub fn panels(&self) -> usize {
        self.chargers.len().div_ceil(ON_A_PANEL)
    }

    /// Kilowatts that may be used of the connection, others included.
    pub fn usable_kw(&self) -> f64 {
        self.connection_kw * (1.0 - self.margin_percent / 100.0)
    }
}

impl Duty {
    /// Kilowatt-hours that it needs from the grid.
    pub fn need_kwh(&self, dc: bool) -> f64 {
        let missing = self.needed.to_percent() - self.arrives_with.to_percent();
        missing.max(0.0) / 100.0 * self.battery_kwh / keeps(dc)
    }
}

pub(crate) fn keeps(dc: bool) -> f64 {
    if dc { DC_KEEPS } else { AC_KEEPS }
}

fn charger(index: usize) -> Charger {
    let dc = index % 2 == 1;
    let (max_kw, min_kw) = if dc { (60.0, 5.0) } else { (22.08, 4.14) };
    Charger { identity: format!("NIGHT-{:03}", index + 1), dc, max_kw, min_kw, panel: index / ON_A_PANEL }
}

fn duty(night: Night, charger: &Charger, rng: &mut StdRng) -> Duty {
    let eve = night.eve();
    let battery_kwh =
        f64::from(if charger.dc { rng.random_range(260..=340) } else { rng.random_range(90..=120) });
    let left_with = percent(95.0);
    // Kilowatt-hours that were said, and those that were used.
    let day_kwh = (battery_kwh * rng.random_range(0.55..0.7)).round();
    let used = day_kwh * rng.random_range(0.97..1.03);
    let expected_at = at(eve, 16, 0) + TimeDelta::minutes(rng.random_range(0..20) * 15);
    let departs_at = at(eve, 24 + 5, 0) + TimeDelta::minutes(rng.random_range(0..12) * 15);
    Duty {
        battery_kwh,
        max_kw: if charger.dc { CELLS_KW } else { 22.08 },
        left_at: at(eve, 5, 30),
        left_with,
        expected_at,
        arrives_at: expected_at + TimeDelta::minutes(rng.random_range(-6..=6)),
        day_kwh,
        arrives_with: percent(95.0 - used / battery_kwh * 100.0),
        departs_at,
        returns_at: departs_at + TimeDelta::hours(9),
        needed: percent(f64::from(rng.random_range(85..=92))),
        level: rng.random_range(3..=6),
    }
}

fn percent(percent: f64) -> Soc {
    Soc::from_percent(percent.clamp(0.0, 100.0)).unwrap_or_default()
}
