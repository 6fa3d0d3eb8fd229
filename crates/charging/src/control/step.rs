//! One step of the control: what everybody should have, and what may be ordered of it now.

use chrono::TimeDelta;
use kernel::{MilliAmps, Timestamp, W};
use serde::{Deserialize, Serialize};

use super::{
    room::Room,
    setpoint::{Setpoint, SetpointReason},
};
use crate::allocation::{
    Allocation, Ask, CircuitInput, CircuitUse, EvseInput, Load, Phases, Problem, ProblemError, Reason,
    allocate,
};

/// The grain of limits in power.
const POWER_STEP: W = W(100);
/// The grain of limits in current, per phase.
const CURRENT_STEP: MilliAmps = MilliAmps(1_000);
/// Smaller changes are not worth an order, unless a circuit needs them.
const WORTH_AN_ORDER: W = W(500);
/// An EVSE is raised again after this at the earliest.
const RAISE_AGAIN: TimeDelta = TimeDelta::seconds(5);

/// A depot as one step sees it.
#[derive(Clone, Debug)]
pub struct DepotView {
    pub now: Timestamp,
    /// False where the depot sends no setpoints.
    pub controlled: bool,
    pub circuits: Vec<CircuitInput>,
    pub evses: Vec<EvseView>,
}

/// An EVSE as one step sees it.
#[derive(Clone, Debug)]
pub struct EvseView {
    pub circuit: usize,
    pub phases: Phases,
    /// Volts, phase to neutral.
    pub voltage: u32,
    pub steering: Steering,
    /// The least it can charge with.
    pub min: W,
    /// What it may draw where it holds no limit: its own strength, or what it is set to offline.
    pub unlimited: W,
    /// What is wanted; zero where nobody charges.
    pub demand: W,
    /// What bounds the demand.
    pub bounded_by: SetpointReason,
    pub tier: u8,
    pub tier_source: TierSource,
    pub laxity: i64,
    pub online: bool,
    /// What it draws, where that is known and recent.
    pub measured: Option<W>,
    /// What it draws since it had the time to follow its last limit.
    pub settled: Option<W>,
    pub setpoint: Setpoint,
}

/// What gave an EVSE its tier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TierSource {
    /// The priority of whoever charges there.
    Priority(priority::Source),
    /// The vehicle has what it needs, and takes what nobody else wants.
    TargetReached,
    /// The depot shares alike.
    EqualShare,
    #[default]
    NotCharging,
}

/// The quantity in which a charger takes limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Steering {
    Current,
    Power,
}

/// What an EVSE should have in the end, and why not more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    pub power: W,
    pub reason: SetpointReason,
    /// Index of the circuit that keeps it down.
    pub binding: Option<usize>,
}

/// What a step decided.
#[derive(Clone, Debug)]
pub struct Decision {
    /// By the index of the EVSE, reductions first.
    pub orders: Vec<(usize, W)>,
    pub targets: Vec<Target>,
    pub circuits: Vec<CircuitUse>,
}

impl EvseView {
    /// The most it may draw by all that is known: what it was told, and what it is seen to draw.
    pub fn exposure(&self) -> W {
        let told = self.setpoint.exposure(self.unlimited);
        self.settled.filter(|drawn| *drawn > told + WORTH_AN_ORDER).unwrap_or(told)
    }

    /// The same as a load on its phases.
    pub fn load(&self, power: W) -> Load {
        Load::from_power(power, self.phases, self.voltage)
    }

    /// Whether it can be told anything now.
    fn steerable(&self, now: Timestamp) -> bool {
        self.online && self.setpoint.may_be_told(now)
    }

    /// Whether it draws more than it was told although it had the time to follow.
    fn strays(&self) -> bool {
        self.exposure() > self.setpoint.exposure(self.unlimited)
    }

    fn input(&self, tie_break: u128, now: Timestamp) -> EvseInput {
        let share = i64::from(self.voltage.max(1)) * i64::from(self.phases.count());
        let current = |power: W| MilliAmps(power.get().saturating_mul(1_000).div_euclid(share));
        let ask = match self.steering {
            _ if !self.steerable(now) || self.strays() => Ask::ReservedPower(self.exposure()),
            Steering::Power => {
                let steps = (self.min.get() + POWER_STEP.get() - 1).div_euclid(POWER_STEP.get());
                Ask::Power { min: W(steps * POWER_STEP.get()), max: self.demand, step: POWER_STEP }
            }
            Steering::Current => {
                let amps = (self.min.get() + share - 1).div_euclid(share);
                let min = MilliAmps(amps.saturating_mul(CURRENT_STEP.get()));
                Ask::Current { min, max: current(self.demand), step: CURRENT_STEP }
            }
        };
        EvseInput {
            circuit: self.circuit,
            phases: self.phases,
            voltage: self.voltage,
            ask,
            tier: self.tier.clamp(1, 9),
            laxity: self.laxity,
            tie_break,
        }
    }
}

/// Decides. Pure: the same view gives the same decision.
///
/// # Errors
/// [`ProblemError`] where the circuits make no tree or a number is absurd.
pub fn step(view: &DepotView) -> Result<Decision, ProblemError> {
    let inputs =
        view.evses.iter().map(|evse| evse.input(evse.setpoint.evse.as_uuid().as_u128(), view.now)).collect();
    let problem = Problem::new(view.circuits.clone(), inputs)?;
    let Allocation { evses, circuits } = allocate(&problem);
    let shares = view.evses.iter().zip(&evses);
    let mut targets: Vec<Target> = shares
        .map(|(evse, share)| Target {
            power: share.power,
            reason: reason(evse, share.reason),
            binding: share.reason.binding_circuit(),
        })
        .collect();
    if !view.controlled {
        for target in &mut targets {
            target.reason = SetpointReason::Uncontrolled;
        }
        return Ok(Decision { orders: Vec::new(), targets, circuits });
    }
    let orders = orders(view, &mut targets);
    Ok(Decision { orders, targets, circuits })
}

fn orders(view: &DepotView, targets: &mut [Target]) -> Vec<(usize, W)> {
    let mut room = Room::new(&view.circuits);
    for evse in &view.evses {
        room.take(evse.circuit, evse.load(evse.exposure()));
    }
    let short = room.is_short();
    let mut orders = Vec::new();
    for (index, evse) in view.evses.iter().enumerate() {
        if evse.steerable(view.now) && reduces(evse, targets[index].power, short) {
            orders.push((index, targets[index].power));
        }
    }
    let mut by_importance: Vec<usize> = (0..view.evses.len()).collect();
    by_importance.sort_by_key(|index| (view.evses[*index].tier, view.evses[*index].laxity, *index));
    for index in by_importance {
        let (evse, target) = (&view.evses[index], targets[index].power);
        let raises = match evse.setpoint.told() {
            Some(told) => target > told,
            None => target > evse.exposure(),
        };
        if !raises || !evse.steerable(view.now) || !evse.setpoint.pending.is_empty() {
            continue;
        }
        let (exposure, told) = (evse.exposure(), evse.setpoint.told().unwrap_or(W::ZERO));
        let free = room.above(evse.circuit, evse.phases, evse.voltage).at_least_zero();
        let grant = on_grid(evse, target.min(exposure + free));
        let recent =
            told > W::ZERO && evse.setpoint.confirmed_at.is_some_and(|at| view.now - at < RAISE_AGAIN);
        let worthwhile = grant >= told + WORTH_AN_ORDER || (grant == target && grant > told);
        if worthwhile && grant >= evse.min && !recent {
            room.take(evse.circuit, evse.load((grant - exposure).at_least_zero()));
            orders.push((index, grant));
        } else if evse.setpoint.told().is_none() {
            // There is no room yet, but it must know a limit before anybody starts to charge.
            orders.push((index, W::ZERO));
        }
        if grant < target || recent {
            targets[index].reason = SetpointReason::Ramping;
        }
    }
    orders
}

/// Whether an EVSE has to be told to draw less, or has to be told its limit for the first time.
fn reduces(evse: &EvseView, target: W, short: bool) -> bool {
    match evse.setpoint.told() {
        None => target <= evse.exposure(),
        Some(told) if target >= told => false,
        Some(told) => short || target == W::ZERO || told - target >= WORTH_AN_ORDER,
    }
}

/// A limit that the charger can be told: rounded down to its grain.
fn on_grid(evse: &EvseView, power: W) -> W {
    match evse.steering {
        Steering::Power => W(power.get().div_euclid(POWER_STEP.get()) * POWER_STEP.get()),
        Steering::Current => {
            let share = i64::from(evse.voltage.max(1)) * i64::from(evse.phases.count());
            let amps = power.get().div_euclid(share);
            W(amps * share)
        }
    }
}

fn reason(evse: &EvseView, reason: Reason) -> SetpointReason {
    match reason {
        Reason::NotCharging => SetpointReason::NotCharging,
        Reason::DemandMet => evse.bounded_by,
        Reason::CircuitLimit(_) => SetpointReason::BindingCircuit,
        Reason::BelowMinimum(_) | Reason::DemandBelowMinimum => SetpointReason::MinimumNotAvailable,
        Reason::OfflineReserve if evse.strays() => SetpointReason::NotFollowing,
        Reason::OfflineReserve if evse.online => SetpointReason::Ramping,
        Reason::OfflineReserve => SetpointReason::OfflineFallback,
    }
}
