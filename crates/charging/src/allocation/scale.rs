//! How an EVSE is steered, and what a setpoint takes from links.
//!
//! Inside the allocation power is counted in microwatts and current in microamperes, because
//! `microamperes × volts = microwatts` needs no rounding. What a setpoint takes is rounded up, what
//! a level allows is rounded down.

use kernel::{MilliAmps, W};

use super::problem::{Ask, EvseInput};

pub(super) const MICRO_PER_MILLI: i64 = 1_000;
pub(super) const MICRO: i64 = 1_000_000;

/// How an EVSE is steered: whole numbers of milliamperes or watts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    quantity: Quantity,
    pub(super) min: i64,
    /// The largest value on the grid of steps.
    pub(super) max: i64,
    pub(super) step: i64,
    /// Watts an ampere per phase draws over all its phases.
    volts: i64,
}

#[derive(Clone, Copy, Debug)]
enum Quantity {
    MilliAmps,
    Watts,
}

impl Scale {
    /// `None` for an EVSE that is reserved for.
    pub(super) fn of(evse: &EvseInput) -> Option<Self> {
        let volts = i64::from(evse.voltage) * i64::from(evse.phases.count());
        let (quantity, min, max, step) = match evse.ask {
            Ask::Current { min, max, step } => (Quantity::MilliAmps, min.get(), max.get(), step.get()),
            Ask::Power { min, max, step } => (Quantity::Watts, min.get(), max.get(), step.get()),
            Ask::ReservedCurrent(_) | Ask::ReservedPower(_) => return None,
        };
        let max = if max >= min { min + (max - min) / step * step } else { max };
        Some(Self { quantity, min, max, step, volts })
    }

    /// The same, up to the step nearest to a power. Zero where that is below the minimum.
    pub(super) fn up_to(self, power: W) -> Self {
        let value = match self.quantity {
            Quantity::MilliAmps => power.get().saturating_mul(MICRO_PER_MILLI) / self.volts,
            Quantity::Watts => power.get(),
        };
        let max = match value < self.min {
            true => 0,
            false => (self.min + (value - self.min + self.step / 2) / self.step * self.step).min(self.max),
        };
        self.capped(max)
    }

    pub(super) fn capped(self, max: i64) -> Self {
        Self { max, ..self }
    }

    /// What a setpoint takes from links, rounded up.
    pub(super) fn amount(self, value: i64) -> Amount {
        match self.quantity {
            Quantity::MilliAmps => {
                Amount { power: value * MICRO_PER_MILLI * self.volts, current: value * MICRO_PER_MILLI }
            }
            Quantity::Watts => Amount { power: value * MICRO, current: ceil(value * MICRO, self.volts) },
        }
    }

    /// The common measure of fairness: microamperes per phase.
    pub(super) fn level(self, value: i64) -> i64 {
        self.amount(value).current
    }

    /// The most that `value` can grow by, in whole steps, while the level rises by `rise`.
    pub(super) fn growth(self, value: i64, rise: i64) -> i64 {
        let growth = match self.quantity {
            Quantity::MilliAmps => rise / MICRO_PER_MILLI,
            Quantity::Watts => rise.saturating_mul(self.volts) / MICRO,
        };
        growth.min(self.max - value) / self.step * self.step
    }

    /// About as many whole steps as a level holds, at least one.
    pub(super) fn steps_within(self, level: i64) -> i64 {
        let most = match self.quantity {
            Quantity::MilliAmps => level / MICRO_PER_MILLI,
            Quantity::Watts => level.saturating_mul(self.volts) / MICRO,
        };
        (most / self.step * self.step).max(self.step)
    }

    /// Half of `many` in whole steps, at least one.
    pub(super) fn half(self, many: i64) -> i64 {
        (many / 2 / self.step * self.step).max(self.step)
    }

    pub(super) fn setpoint(self, value: i64) -> (MilliAmps, W) {
        let amount = self.amount(value);
        match self.quantity {
            Quantity::MilliAmps => (MilliAmps(value), W(ceil(amount.power, MICRO))),
            Quantity::Watts => (MilliAmps(ceil(amount.current, MICRO_PER_MILLI)), W(value)),
        }
    }
}

/// What a setpoint takes from links: microwatts, and microamperes on each of its phases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Amount {
    pub(super) power: i64,
    pub(super) current: i64,
}

impl Amount {
    pub(super) fn less(self, other: Self) -> Self {
        Self { power: self.power - other.power, current: self.current - other.current }
    }
}

const fn ceil(value: i64, by: i64) -> i64 {
    (value + by - 1).div_euclid(by)
}
