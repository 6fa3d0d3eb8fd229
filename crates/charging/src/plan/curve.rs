//! How a battery takes less power as it fills.

use kernel::{Soc, W, Wh};

/// A battery whose power tapers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Battery {
    pub capacity: Wh,
    /// State of charge when its stay begins.
    pub arrival: Soc,
    /// Share of the energy from the grid that the battery keeps, in thousandths: 1 to 1,000.
    pub efficiency: u16,
    /// Highest power from each state of charge on, in rising order; straight lines in between.
    pub curve: Vec<(Soc, W)>,
}

impl Battery {
    /// The state of charge once `energy` came from the grid.
    pub fn charged(&self, energy: Wh) -> Soc {
        let capacity = i128::from(self.capacity.get().max(1));
        let kept = i128::from(energy.get().max(0)) * i128::from(self.efficiency) / 1000;
        let gained = (kept * 10_000 / capacity).min(10_000);
        let reached = i128::from(self.arrival.hundredths()) + gained;
        u16::try_from(reached).ok().and_then(Soc::from_hundredths).unwrap_or(Soc::FULL)
    }

    /// The highest power at a state of charge: the line between the points around it, level before
    /// the first and after the last; `None` where there is no point at all.
    pub fn most_at(&self, soc: Soc) -> Option<W> {
        let next = self.curve.partition_point(|(from, _)| *from <= soc);
        let Some((from, low)) = next.checked_sub(1).and_then(|before| self.curve.get(before)) else {
            return self.curve.first().map(|(_, power)| *power);
        };
        let Some((to, high)) = self.curve.get(next) else { return Some(*low) };
        let width = i64::from(to.hundredths()) - i64::from(from.hundredths());
        let way = i64::from(soc.hundredths()) - i64::from(from.hundredths());
        Some(W(low.get() + (high.get() - low.get()) * way / width.max(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn soc(percent: f64) -> Soc {
        Soc::from_percent(percent).unwrap()
    }

    #[test]
    fn power_falls_along_the_line_and_never_outside_it() {
        let battery = Battery {
            capacity: Wh(100_000),
            arrival: soc(20.0),
            efficiency: 900,
            curve: vec![(soc(50.0), W(100_000)), (soc(80.0), W(40_000)), (soc(100.0), W(0))],
        };
        let at = |percent| battery.most_at(soc(percent)).unwrap();
        assert_eq!(at(0.0), W(100_000));
        assert_eq!(at(65.0), W(70_000));
        assert_eq!(at(90.0), W(20_000));
        assert_eq!(at(100.0), W(0));
        assert_eq!(battery.charged(Wh(50_000)), soc(65.0));
        assert_eq!(battery.charged(Wh(5_000_000)), Soc::FULL);
    }
}
