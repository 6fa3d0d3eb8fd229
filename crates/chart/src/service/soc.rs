//! The state of charge of a vehicle, as its sessions tell.

use chrono::TimeDelta;
use kernel::{Soc, Timestamp};

use super::{Found, Sheet};
use crate::{
    error::ChartError,
    fold::fold,
    kind::Resolution,
    model::{Point, Series, Shape, Subject},
    port::SocAt,
};

/// For how long a reading is believed where every minute is shown.
const BELIEVED: TimeDelta = TimeDelta::minutes(15);

impl Sheet<'_> {
    pub(super) async fn soc(&self, found: &Found) -> Result<Vec<Series>, ChartError> {
        let Subject::Vehicle(vehicle) = found.subject else { return Ok(Vec::new()) };
        let (from, to) = (self.grid.from(), self.grid.to());
        let points = if self.resolution == Resolution::Minute {
            let read = self.store.soc_by_reading(self.organisation, vehicle, from - BELIEVED, to).await?;
            self.believed(&read)
        } else {
            let read = self.store.soc_by_quarter(self.organisation, vehicle, from, to).await?;
            let read: Vec<(Timestamp, Soc)> = read.into_iter().map(|read| (read.at, read.soc)).collect();
            fold(&self.grid, &read, |read| read.last().map(|(_, soc)| soc.to_percent()))
        };
        let mut series = vec![Series::new("soc", "State of charge", Shape::Line, points)];
        if let Some(target) = found.target {
            let value = Some(target.to_percent());
            let points = self.grid.buckets().map(|(at, _)| Point { at, value }).collect();
            series.push(Series::new("target", "Target", Shape::Target, points));
        }
        Ok(series)
    }

    /// What was last read before the end of each bucket, while that is believed.
    fn believed(&self, read: &[SocAt]) -> Vec<Point> {
        let value = |from: Timestamp, to: Timestamp| {
            let last = read.partition_point(|read| read.at < to).checked_sub(1).and_then(|n| read.get(n))?;
            (from - last.at < BELIEVED && from <= self.now).then(|| last.soc.to_percent())
        };
        self.grid.buckets().map(|(from, to)| Point { at: from, value: value(from, to) }).collect()
    }
}
