//! Load: stations that say as much as they are let, or as they are told to, and how long they wait.
//!
//! Each boots, starts a transaction, sends meter values of four samples, and stops. In a closed loop
//! each has one call in flight and makes the next as soon as it is answered. In an open loop calls
//! are due at a rate, and waiting counts from the moment a call was due, so that a server that
//! stalls is charged for all that piles up meanwhile.

mod frames;
mod station;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;
use tokio::{sync::Barrier, task::JoinSet};

use self::station::{Orders, Station};

/// What is asked of the server.
#[derive(Clone, Debug)]
pub struct LoadSpec {
    /// What comes before an identity.
    pub endpoint: String,
    /// Identities are {prefix}-0 and so on.
    pub prefix: String,
    pub stations: usize,
    /// For how long meter values are sent.
    pub time: Duration,
    /// Calls a second of all stations together; as many as are answered where it is not set.
    pub rate: Option<f64>,
    pub id_tag: String,
    /// The password of every station, where the server asks for one.
    pub password: Option<String>,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct LoadReport {
    /// Meter values that were answered.
    pub calls: u64,
    /// Answers that were errors.
    pub errors: u64,
    /// Meter values that were due at the rate and never sent, because the time was over: their waits
    /// are missing, so that where there are any, the server could not keep up and waits are too short.
    pub missed: u64,
    pub seconds: f64,
    /// Waits of meter values, in microseconds.
    waits: Histogram<u64>,
}

impl LoadReport {
    pub fn per_second(&self) -> f64 {
        self.calls as f64 / self.seconds
    }

    /// The wait that a share of calls did not exceed, in milliseconds.
    pub fn milliseconds(&self, share: f64) -> f64 {
        self.waits.value_at_quantile(share) as f64 / 1_000.0
    }
}

/// Puts the load on the server.
///
/// # Errors
/// Where a station cannot connect or its socket breaks.
pub async fn load(spec: &LoadSpec) -> anyhow::Result<LoadReport> {
    let together = Arc::new(Barrier::new(spec.stations));
    let mut stations = JoinSet::new();
    for index in 0..spec.stations {
        let (spec, together) = (spec.clone(), together.clone());
        stations.spawn(async move {
            let orders = Orders::of(&spec, index);
            let mut station = Station::connect(&spec, index).await?;
            station.begin(&spec.id_tag).await?;
            together.wait().await;
            let waits = station.charge(&orders).await?;
            let seconds = station.since_begin();
            station.end().await?;
            anyhow::Ok((waits, station.errors, orders.missed(station.readings), seconds))
        });
    }
    let mut report = LoadReport { calls: 0, errors: 0, missed: 0, seconds: 0.0, waits: waits()? };
    while let Some(station) = stations.join_next().await {
        let (waits, errors, missed, seconds) = station??;
        report.calls += waits.len();
        report.errors += errors;
        report.missed += missed;
        report.seconds = report.seconds.max(seconds);
        report.waits.add(&waits)?;
    }
    Ok(report)
}

/// An hour, in microseconds: whoever waits longer has waited an hour.
const LONGEST: u64 = 3_600_000_000;

/// A histogram of microseconds, to three digits.
fn waits() -> anyhow::Result<Histogram<u64>> {
    Ok(Histogram::new_with_bounds(1, LONGEST, 3)?)
}

/// The machine's clock: a measurement cannot be told the time.
#[expect(clippy::disallowed_methods, reason = "a measurement needs the real clock")]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_kept_as_long_as_they_were() {
        let mut report = LoadReport { calls: 3, errors: 0, missed: 0, seconds: 1.0, waits: waits().unwrap() };
        for wait in [2_000, 5_000, u64::MAX] {
            report.waits.saturating_record(wait);
        }
        let near = |share: f64, expected: f64| (report.milliseconds(share) / expected - 1.0).abs() < 0.002;
        assert!(near(0.3, 2.0) && near(0.5, 5.0) && near(1.0, 3_600_000.0), "{:?}", report.waits);
    }
}
