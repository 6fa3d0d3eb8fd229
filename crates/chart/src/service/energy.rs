//! How much was charged, and how much of what could be.

use kernel::{Timestamp, Wh};

use super::{Found, Sheet};
use crate::{
    error::ChartError,
    fold::{fold, power},
    model::{Series, Shape},
    port::{Capacity, QuarterSum},
};

type Quarter = (Timestamp, Option<QuarterSum>);

impl Sheet<'_> {
    pub(super) async fn energy(&self, found: &Found) -> Result<Vec<Series>, ChartError> {
        let Some(meter) = found.meter() else { return Ok(Vec::new()) };
        let read = self.read(&meter, found).await?;
        let points = fold(&self.grid, &read.until_now().quarters(&self.grid), |quarters| {
            let known = || quarters.iter().filter_map(|(_, sum)| sum.as_ref());
            known().next().is_some().then(|| known().map(|sum| sum.energy).sum::<Wh>().to_kilo())
        });
        Ok(vec![Series::new("charged", "Charged", Shape::Bars, points).summed()])
    }

    /// Two shares of the time that is known: of charging places that drew energy, and of the energy that
    /// all chargers could have given.
    pub(super) async fn utilisation(&self, found: &Found) -> Result<Vec<Series>, ChartError> {
        let Some(meter) = found.meter() else { return Ok(Vec::new()) };
        let capacity = self.store.capacity(self.organisation, &meter).await?;
        let read = self.read(&meter, found).await?;
        let quarters = read.past().quarters(&self.grid);
        let time = fold(&self.grid, &quarters, |quarters| places(quarters, capacity));
        let energy = fold(&self.grid, &quarters, |quarters| given(quarters, capacity));
        Ok(vec![
            Series::new("charging_time", "Places that charge", Shape::Line, time),
            Series::new("charging_power", "Power that is used", Shape::Line, energy),
        ])
    }
}

fn places(quarters: &[Quarter], capacity: Capacity) -> Option<f64> {
    let known = quarters.iter().filter_map(|(_, sum)| sum.as_ref());
    let (charging, count) = known.fold((0_u64, 0_u64), |(charging, count), sum| {
        // A place with two connectors charges one vehicle at a time.
        (charging + u64::from(sum.charging.min(capacity.evses)), count + 1)
    });
    let places = count * u64::from(capacity.evses);
    (places > 0).then(|| 100.0 * charging as f64 / places as f64)
}

fn given(quarters: &[Quarter], capacity: Capacity) -> Option<f64> {
    let known = quarters.iter().filter_map(|(_, sum)| sum.as_ref());
    let (drawn, count) = known.fold((Wh::ZERO, 0_u32), |(drawn, count), sum| (drawn + sum.energy, count + 1));
    let most = capacity.power.to_kilo() * f64::from(count);
    // Measured energy may exceed what a charger is rated for.
    (most > 0.0).then(|| (100.0 * power(drawn).to_kilo() / most).min(100.0))
}
