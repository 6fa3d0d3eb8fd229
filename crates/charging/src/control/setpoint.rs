//! What an EVSE was told, and what it may therefore draw.

use chrono::TimeDelta;
use kernel::{ChargePointId, CircuitId, CommandId, DepotId, EvseId, OrganisationId, Timestamp, W};
use serde::{Deserialize, Serialize};
use transaction::Latest;

use super::{
    asked::Left,
    following::{FOLLOWS_WITHIN, Following, tolerated},
    progress::Progress,
    turn::Turn,
};

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
    /// When the charger confirmed it last.
    pub confirmed_at: Option<Timestamp>,
    /// Since when this limit holds: sending it again does not count.
    #[serde(default)]
    pub since: Option<Timestamp>,
    /// The charger said that it draws less now, and no reading has shown it.
    #[serde(default)]
    pub unseen: Option<Unseen>,
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
    /// When it was told something last, and when that was less than before.
    #[serde(default)]
    pub ordered_at: Option<Timestamp>,
    #[serde(default)]
    pub reduced_at: Option<Timestamp>,
    /// It was let charge again, and has not been seen to charge since: some chargers then forget
    /// their limit.
    #[serde(default)]
    pub resumes: bool,
    #[serde(default)]
    pub following: Following,
    /// Its place in the rotation, while somebody wants to charge.
    #[serde(default)]
    pub turn: Option<Turn>,
    /// What its vehicle was left when it drew less than it might.
    #[serde(default)]
    pub left: Option<Left>,
    /// How far its vehicle is, by the plan it follows.
    #[serde(default)]
    pub progress: Option<Progress>,
}

/// A reduction that was confirmed and not seen: what it may still draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unseen {
    /// The limit before; `None` where it held none.
    pub before: Option<W>,
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
    /// It has what its plan says, or waits for what its plan says.
    Plan,
    VehicleLimit,
    ChargerLimit,
    /// It was limited or paused by hand.
    Override,
    MinimumNotAvailable,
    /// Not all of its tier can charge at once: others have their turn.
    Rotation,
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
            since: None,
            unseen: None,
            ordered_at: None,
            reduced_at: None,
            resumes: false,
            following: Following::default(),
            turn: None,
            left: None,
            progress: None,
        }
    }

    /// The limit it was last told, whether or not it is known to hold.
    pub fn told(&self) -> Option<W> {
        self.pending.last().map(|pending| pending.value).or(self.confirmed)
    }

    /// The most it may draw by what it was told; `unlimited` where it may hold no limit at all.
    pub fn exposure(&self, unlimited: W) -> W {
        let highest = self.pending.iter().map(|pending| pending.value).max().unwrap_or(W::ZERO);
        let before = self.unseen.map_or(W::ZERO, |unseen| unseen.before.unwrap_or(unlimited));
        self.confirmed.unwrap_or(unlimited).max(highest).max(before)
    }

    /// Notes an order that was given.
    pub fn ordered(&mut self, value: W, commands: Vec<CommandId>, now: Timestamp) {
        if self.told().is_some_and(|told| value < told) {
            self.reduced_at = Some(now);
        }
        self.ordered_at = Some(now);
        self.pending.push(Pending { value, commands });
    }

    /// Takes up the latest reading: whether a reduction that was confirmed is seen to be kept. One
    /// that nothing contradicts in the time to follow is believed.
    pub(super) fn observe(&mut self, charging: bool, latest: Option<Latest>, now: Timestamp) {
        let (Some(limit), Some(since)) = (self.confirmed, self.since) else { return };
        let kept = latest.is_some_and(|latest| {
            latest.at >= since && latest.power.is_some_and(|power| power <= tolerated(limit))
        });
        if !charging || kept || now - since >= FOLLOWS_WITHIN {
            self.unseen = None;
        }
        if !charging {
            self.resumes = false;
        }
    }

    /// Whether it may be told something now: not while a failure has to be waited out.
    pub fn may_be_told(&self, now: Timestamp) -> bool {
        self.retry_at.is_none_or(|at| at <= now) && self.pending.len() < 2
    }

    /// Forgets whoever charged: nobody does.
    pub(super) fn nobody(&mut self) {
        (self.turn, self.left, self.progress) = (None, None, None);
    }

    /// Takes up how the oldest order on its way ended.
    pub fn resolve(&mut self, held: Held, now: Timestamp) {
        if self.pending.is_empty() {
            return;
        }
        let Pending { value, .. } = self.pending.remove(0);
        match held {
            Held::Yes => {
                if self.confirmed != Some(value) {
                    let before = self.unseen.map_or(self.confirmed, |unseen| unseen.before);
                    // Where nobody charged, there is nothing to be seen.
                    let charging = self.demand > W::ZERO;
                    let lower = charging && before.is_none_or(|before| value < before);
                    self.unseen = lower.then_some(Unseen { before });
                    self.resumes = self.confirmed == Some(W::ZERO);
                    self.since = Some(now);
                }
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
        self.since = None;
        self.unseen = None;
        self.failures = 0;
        self.retry_at = None;
    }
}
