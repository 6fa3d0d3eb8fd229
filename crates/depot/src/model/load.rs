//! What others draw from a node, as a meter says.

use chrono::TimeDelta;
use kernel::{Timestamp, W};
use serde::Serialize;

/// One measurement of the load that nobody here controls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LoadReading {
    pub at: Timestamp,
    pub power: W,
}

/// What is known of a node's measured load.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LoadState {
    pub latest: Option<LoadReading>,
    /// The highest reading of the last [`Self::HISTORY`].
    pub peak: Option<LoadReading>,
}

impl LoadState {
    /// How far back the worst case looks.
    pub const HISTORY: TimeDelta = TimeDelta::days(28);
    /// From what age a reading is no longer believed.
    pub const STALE_AFTER: TimeDelta = TimeDelta::seconds(60);

    /// Whether the latest reading may be believed at an instant.
    pub fn is_fresh(&self, at: Timestamp) -> bool {
        self.latest.is_some_and(|latest| at - latest.at <= Self::STALE_AFTER)
    }

    /// The load to reckon with: as measured while that is fresh; once the meter falls silent, the
    /// worst of its history and of what was configured; what was configured where none measures.
    pub fn reckoned(&self, configured: W, at: Timestamp) -> W {
        match self.latest {
            Some(latest) if self.is_fresh(at) => latest.power,
            Some(latest) => {
                self.peak.map_or(latest.power, |peak| peak.power.max(latest.power)).max(configured)
            }
            None => configured,
        }
    }
}

#[cfg(test)]
mod tests {
    use kernel::{Clock, testing::FakeClock};

    use super::*;

    #[test]
    fn a_silent_meter_counts_as_its_worst_case() {
        let now = FakeClock::default().now();
        let reading = |power, age| LoadReading { at: now - TimeDelta::seconds(age), power: W(power) };
        let state = LoadState { latest: Some(reading(10, 60)), peak: Some(reading(90, 9_000)) };
        assert_eq!(state.reckoned(W(50), now), W(10));
        let later = now + TimeDelta::seconds(1);
        assert_eq!(state.reckoned(W(50), later), W(90));
        assert_eq!(state.reckoned(W(120), later), W(120));
        assert_eq!(LoadState::default().reckoned(W(50), now), W(50));
    }
}
