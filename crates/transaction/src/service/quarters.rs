//! Readings summed up by quarter of an hour, whenever and in whichever order they came.

use std::sync::Arc;

use chrono::TimeDelta;
use kernel::{Clock, StoreError, Timestamp};

use crate::{
    model::{QUARTER, Quarter, Reading, quarter_of, quarters},
    port::{MeteredConnector, QuarterStore},
};

/// What was stored this long before the last look is looked at again: commits are not ordered, and
/// summing up again changes nothing.
const OVERLAP: TimeDelta = TimeDelta::minutes(2);
/// Readings that are looked at together.
const STRETCH: TimeDelta = TimeDelta::days(1);

/// Keeps the quarters in step with the readings.
pub struct Quarters {
    store: Arc<dyn QuarterStore>,
    clock: Arc<dyn Clock>,
}

impl Quarters {
    pub fn new(store: Arc<dyn QuarterStore>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// Sums up what was stored since the last time, and returns how many quarters that touched.
    ///
    /// # Errors
    /// Store errors; what was summed up before stays, and is summed up again the next time.
    pub async fn sum_up(&self) -> Result<usize, StoreError> {
        let now = self.clock.now();
        let since = self.store.summed_until().await?.map_or(Timestamp::UNIX_EPOCH, |until| until - OVERLAP);
        let mut touched = 0;
        for connector in self.store.readings_stored_since(since).await? {
            touched += self.connector(&connector).await?;
        }
        self.store.summed_until_save(now).await?;
        Ok(touched)
    }

    async fn connector(&self, metered: &MeteredConnector) -> Result<usize, StoreError> {
        let (charge_point, connector) = (metered.charge_point, metered.connector);
        // What rose before and after them is shared anew, and each share may lie in another quarter.
        let before = self.store.register_before(charge_point, connector, metered.first).await?;
        let before = before.map(|before| before.at).filter(|at| metered.first - *at <= QUARTER);
        let from = quarter_of(before.unwrap_or(metered.first));
        let next = self.store.register_after(charge_point, connector, metered.last).await?;
        let mut touched = self.stretches(metered, from, quarter_of(metered.last) + QUARTER).await?;
        if let Some(next) = next.map(|next| quarter_of(next.at)).filter(|at| *at > metered.last) {
            touched += self.stretches(metered, next, next + QUARTER).await?;
        }
        Ok(touched)
    }

    /// Sums up whole quarters, a day at a time, each day with the quarter after it.
    async fn stretches(
        &self,
        metered: &MeteredConnector,
        mut from: Timestamp,
        to: Timestamp,
    ) -> Result<usize, StoreError> {
        let (charge_point, connector) = (metered.charge_point, metered.connector);
        let mut before = self.store.register_before(charge_point, connector, from).await?;
        let mut touched = 0;
        while from < to {
            let until = to.min(from + STRETCH);
            let readings =
                self.store.readings_between(charge_point, connector, from, until + QUARTER).await?;
            let summed: Vec<Quarter> = quarters(before.as_ref(), &readings)
                .into_iter()
                .filter(|(at, _)| *at < until)
                .map(|(at, sums)| Quarter {
                    organisation: metered.organisation,
                    depot: metered.depot,
                    charge_point,
                    connector,
                    at,
                    sums,
                })
                .collect();
            touched += summed.len();
            self.store.quarters_save(&summed).await?;
            let with_register = |reading: &Reading| reading.at < until && reading.energy.is_some();
            before = readings.into_iter().rev().find(with_register).or(before);
            from = until;
        }
        Ok(touched)
    }
}
