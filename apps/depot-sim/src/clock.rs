//! The simulator's time: the machine's calendar read once, the runtime's timer from there on.
//!
//! A clock set back or forth under the simulator therefore changes no simulated charger's records.

use chrono::{DateTime, Utc};
use tokio::time::Instant;

#[derive(Clone, Copy, Debug)]
pub struct SimClock {
    origin: DateTime<Utc>,
    started: Instant,
}

impl SimClock {
    /// Shows `origin` now.
    pub fn starting_at(origin: DateTime<Utc>) -> Self {
        Self { origin, started: Instant::now() }
    }

    #[expect(clippy::disallowed_methods, reason = "a simulated charger lives in the real present")]
    pub fn ambient() -> Self {
        Self::starting_at(Utc::now())
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.origin + self.started.elapsed()
    }
}
