//! What an EVSE was told, and what it may therefore draw.

use chrono::TimeDelta;
use kernel::{ChargePointId, CircuitId, CommandId, DepotId, EvseId, OrganisationId, Timestamp, W};
use serde::{Deserialize, Serialize};

/// Waits after orders that failed grow to this.
const LONGEST_WAIT: TimeDelta = TimeDelta::seconds(60);

/// The state of one EVSE's limit, from one step of the control to the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setpoint {
    pub evse: EvseId,
    pub organisation: OrganisationId,
    pub depot: DepotId,
    pub charge_point: ChargePointId,
    /// The limit that the charger has confirmed; `None` where it is not known to hold any.
    pub confirmed: Option<W>,
    pub confirmed_at: Option<Timestamp>,
    /// Limits on their way, oldest first: whether each holds already is not known.
    pub pending: Vec<Pending>,
    /// Orders that failed since the last that was accepted.
    pub failures: u32,
    pub retry_at: Option<Timestamp>,
    /// Why it is what it is.
    pub reason: SetpointReason,
    /// The circuit that keeps it down, where one does.
    pub binding: Option<CircuitId>,
    /// What was asked for.
    pub demand: W,
    pub tier: u8,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    pub value: W,
    /// One order for each connector of the EVSE; it holds when all are accepted.
    pub commands: Vec<CommandId>,
}

/// How an order that was on its way ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// The charger does it.
    Yes,
    /// The charger said no, or was never asked.
    No,
    /// Nobody knows.
    Unknown,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SetpointReason {
    BindingCircuit,
    VehicleLimit,
    ChargerLimit,
    MinimumNotAvailable,
    /// It cannot be reached; what it may draw is kept free.
    OfflineFallback,
    /// Room is about to become free, or the charger was raised a moment ago.
    Ramping,
    #[default]
    NotCharging,
    /// It draws more than it was told; its draw is what counts.
    NotFollowing,
    /// The depot sends no setpoints.
    Uncontrolled,
}

impl Setpoint {
    /// An EVSE that was never told anything.
    pub fn unset(
        evse: EvseId,
        organisation: OrganisationId,
        depot: DepotId,
        charge_point: ChargePointId,
    ) -> Self {
        Self {
            evse,
            organisation,
            depot,
            charge_point,
            confirmed: None,
            confirmed_at: None,
            pending: Vec::new(),
            failures: 0,
            retry_at: None,
            reason: SetpointReason::NotCharging,
            binding: None,
            demand: W::ZERO,
            tier: 9,
        }
    }

    /// The limit it was last told, whether or not it is known to hold.
    pub fn told(&self) -> Option<W> {
        self.pending.last().map(|pending| pending.value).or(self.confirmed)
    }

    /// The most it may draw by what it was told; `unlimited` where it may hold no limit at all.
    pub fn exposure(&self, unlimited: W) -> W {
        let highest = self.pending.iter().map(|pending| pending.value).max().unwrap_or(W::ZERO);
        self.confirmed.unwrap_or(unlimited).max(highest)
    }

    /// Whether it may be told something now: not while a failure has to be waited out.
    pub fn may_be_told(&self, now: Timestamp) -> bool {
        self.retry_at.is_none_or(|at| at <= now) && self.pending.len() < 2
    }

    /// Takes up how the oldest order on its way ended.
    pub fn resolve(&mut self, held: Held, now: Timestamp) {
        if self.pending.is_empty() {
            return;
        }
        let Pending { value, .. } = self.pending.remove(0);
        match held {
            Held::Yes => {
                self.confirmed = Some(value);
                self.confirmed_at = Some(now);
                self.failures = 0;
                self.retry_at = None;
            }
            Held::No => self.failed(now),
            Held::Unknown => {
                self.confirmed = self.confirmed.map(|confirmed| confirmed.max(value));
                self.failed(now);
            }
        }
    }

    fn failed(&mut self, now: Timestamp) {
        self.failures = self.failures.saturating_add(1);
        let wait = TimeDelta::seconds(1 << self.failures.min(6)).min(LONGEST_WAIT);
        self.retry_at = Some(now + wait);
    }

    /// Forgets what it was told: a charger that has started anew may hold nothing of it.
    pub fn forget(&mut self) {
        self.confirmed = None;
        self.confirmed_at = None;
        self.failures = 0;
        self.retry_at = None;
    }
}
