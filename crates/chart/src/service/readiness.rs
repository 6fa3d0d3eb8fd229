//! How runs stand or ended, by service day.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};
use kernel::Timestamp;

use super::{Found, Sheet};
use crate::{
    error::ChartError,
    model::{Point, Series, Shape, Subject},
    port::RunOutcome,
};

/// From the foot of a bar upwards.
const ORDER: [(RunOutcome, &str, &str); 7] = [
    (RunOutcome::Departed, "departed", "Departed"),
    (RunOutcome::Ready, "ready", "Ready"),
    (RunOutcome::OnTrack, "on_track", "On track"),
    (RunOutcome::AtRisk, "at_risk", "At risk"),
    (RunOutcome::WillMiss, "will_miss", "Will miss"),
    (RunOutcome::Missed, "missed", "Missed"),
    (RunOutcome::Unassigned, "unassigned", "Unassigned"),
];

impl Sheet<'_> {
    pub(super) async fn readiness(&self, found: &Found) -> Result<Vec<Series>, ChartError> {
        let Subject::Depot(depot) = found.subject else { return Ok(Vec::new()) };
        let day = |at: Timestamp| at.with_timezone(&found.zone.tz()).date_naive();
        let (first, last) = (day(self.grid.from()), day(self.grid.to() - TimeDelta::microseconds(1)));
        let counts = self.store.readiness_counts(self.organisation, depot, first, last).await?;
        let counts: BTreeMap<(NaiveDate, RunOutcome), u32> =
            counts.into_iter().map(|count| ((count.service_date, count.outcome), count.runs)).collect();
        let of = |outcome| {
            let runs = |at| counts.get(&(day(at), outcome)).copied().unwrap_or_default();
            self.grid.buckets().map(|(at, _)| Point { at, value: Some(f64::from(runs(at))) }).collect()
        };
        let series = ORDER
            .map(|(outcome, name, label)| Series::new(name, label, Shape::Stacked, of(outcome)).summed());
        Ok(series.into())
    }
}
