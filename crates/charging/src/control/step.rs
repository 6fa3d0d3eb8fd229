//! One step of the control: what everybody should have, and what may be ordered of it now.

use depot::CircuitNode;
use kernel::{ChargingOverrideId, MilliAmps, Timestamp, W, Wh};
use serde::{Deserialize, Serialize};

use super::{
    following::{Following, FollowingChange, Seen, tolerated},
    orders::{on_grid, orders},
    pace::Pace,
    setpoint::{Setpoint, SetpointReason},
    strategy::PlanUse,
    turn::{Place, queue},
};
use crate::allocation::{
    Allocation, Ask, CircuitInput, CircuitUse, EvseAllocation, EvseInput, Load, Phases, Problem,
    ProblemError, Reason, Service, allocate,
};

/// The grain of limits in power.
pub(super) const POWER_STEP: W = W(100);
/// The grain of limits in current, per phase.
const CURRENT_STEP: MilliAmps = MilliAmps(1_000);

/// A depot as one step sees it.
#[derive(Clone, Debug)]
pub struct DepotView {
    pub now: Timestamp,
    /// False where the depot sends no setpoints.
    pub controlled: bool,
    pub pace: Pace,
    pub plan_use: PlanUse,
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
    /// As much of it as may be given.
    pub ask: W,
    /// What bounds that.
    pub bounded_by: SetpointReason,
    /// When it is served.
    pub service: Service,
    pub tier: u8,
    pub tier_source: TierSource,
    pub laxity: i64,
    /// It draws nothing although it may.
    pub idle: bool,
    /// What its transaction has received.
    pub received: Wh,
    /// The circuit that kept it down in the step before.
    pub binding: Option<usize>,
    /// What the plan says for this moment.
    pub plan: Option<W>,
    /// The override that decides about it.
    pub over: Option<ChargingOverrideId>,
    pub online: bool,
    /// What it draws, where that is known and recent.
    pub measured: Option<W>,
    /// What it draws since it had the time to follow its last limit.
    pub settled: Option<W>,
    /// It charges again after a pause, and may have forgotten its limit.
    pub resumed: bool,
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
    /// It was put ahead of everybody by hand.
    Boost,
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
    /// By the index of the EVSE.
    pub orders: Vec<(usize, W)>,
    pub targets: Vec<Target>,
    pub circuits: Vec<CircuitUse>,
    /// What is known of each EVSE's obedience from now on.
    pub following: Vec<Following>,
    /// Whose obedience changed.
    pub changes: Vec<(usize, FollowingChange)>,
}

impl Decision {
    /// Notes in the setpoints, which come in the order of the EVSEs, what was found of each.
    pub fn note(&self, setpoints: &mut [Setpoint], circuits: &[CircuitNode]) {
        let found = self.targets.iter().zip(&self.following);
        for (setpoint, (target, following)) in setpoints.iter_mut().zip(found) {
            setpoint.following = *following;
            setpoint.reason = target.reason;
            let binding = target.binding.and_then(|index| circuits.get(index));
            setpoint.binding = binding.map(|node| node.circuit.id);
        }
    }
}

impl Steering {
    /// What one step of a limit is in power.
    pub(super) fn step(self, phases: Phases, voltage: u32) -> W {
        match self {
            Self::Power => POWER_STEP,
            Self::Current => {
                W(CURRENT_STEP.get() * i64::from(voltage.max(1)) * i64::from(phases.count()) / 1_000)
            }
        }
    }

    /// A minimum as a limit that can be told: rounded up.
    pub(super) fn least(self, min: W, phases: Phases, voltage: u32) -> W {
        let step = self.step(phases, voltage).get().max(1);
        W((min.get() + step - 1).div_euclid(step) * step)
    }
}

impl EvseView {
    /// The most it may draw by all that is known: what it was told, and what it is seen to draw.
    pub fn exposure(&self) -> W {
        let told = self.setpoint.exposure(self.unlimited);
        self.measured.filter(|drawn| *drawn > tolerated(told)).unwrap_or(told)
    }

    /// The same as a load on its phases.
    pub fn load(&self, power: W) -> Load {
        Load::from_power(power, self.phases, self.voltage)
    }

    /// Whether it can be told anything now.
    pub(super) fn steerable(&self, now: Timestamp) -> bool {
        self.online && self.setpoint.may_be_told(now)
    }

    /// Whether it draws more than it was told although it had the time to follow.
    pub fn strays(&self) -> bool {
        let told = tolerated(self.setpoint.exposure(self.unlimited));
        self.settled.is_some_and(|drawn| drawn > told)
    }

    fn seen(&self, now: Timestamp) -> Seen {
        match self.settled {
            Some(_) if self.strays() => {
                let may_be_told = self.steerable(now) && self.setpoint.pending.is_empty();
                Seen::Strays { may_be_told }
            }
            Some(_) => Seen::Keeps,
            None => Seen::Nothing,
        }
    }

    fn input(&self, place: Place, now: Timestamp) -> EvseInput {
        let step = self.steering.step(self.phases, self.voltage).get().max(1);
        let share = i64::from(self.voltage.max(1)) * i64::from(self.phases.count());
        let ask = if place.rests { W::ZERO } else { self.ask };
        let ask = match self.steering {
            _ if !self.steerable(now) || self.strays() => Ask::ReservedPower(self.exposure()),
            Steering::Power => Ask::Power { min: self.min, max: ask, step: POWER_STEP },
            Steering::Current => Ask::Current {
                min: MilliAmps(self.min.get() / step * CURRENT_STEP.get()),
                max: MilliAmps(ask.get().saturating_mul(1_000).div_euclid(share)),
                step: CURRENT_STEP,
            },
        };
        EvseInput {
            circuit: self.circuit,
            phases: self.phases,
            voltage: self.voltage,
            ask,
            tier: self.tier.clamp(1, 9),
            laxity: place.order,
            service: Service { insists: place.insists, ..self.service },
            tie_break: self.setpoint.evse.as_uuid().as_u128(),
        }
    }
}

/// Decides. Pure: the same view gives the same decision.
///
/// # Errors
/// [`ProblemError`] where the circuits make no tree or a number is absurd.
pub fn step(view: &DepotView) -> Result<Decision, ProblemError> {
    let places = queue(view);
    let inputs = view.evses.iter().zip(&places).map(|(evse, place)| evse.input(*place, view.now)).collect();
    let problem = Problem::new(view.circuits.clone(), inputs)?;
    let Allocation { evses, circuits } = allocate(&problem);
    let charging = Charging::count(view, &evses);
    let shares = view.evses.iter().zip(&places).zip(&evses);
    let mut targets: Vec<Target> = shares
        .map(|((evse, place), share)| Target {
            power: if evse.strays() { evse.kept() } else { share.power },
            reason: reason(evse, *place, share.reason, &charging),
            binding: share.reason.binding_circuit(),
        })
        .collect();
    let mut following: Vec<Following> = view.evses.iter().map(|evse| evse.setpoint.following).collect();
    if !view.controlled {
        for target in &mut targets {
            target.reason = SetpointReason::Uncontrolled;
        }
        return Ok(Decision { orders: Vec::new(), targets, circuits, following, changes: Vec::new() });
    }
    let mut orders = orders(view, &mut targets);
    let mut changes = Vec::new();
    for (index, (evse, following)) in view.evses.iter().zip(&mut following).enumerate() {
        let (again, change) = following.see(evse.seen(view.now), view.now);
        changes.extend(change.map(|change| (index, change)));
        let again = again || (evse.resumed && evse.steerable(view.now));
        let Some(told) = evse.setpoint.told().filter(|_| again && evse.setpoint.pending.is_empty()) else {
            continue;
        };
        if orders.iter().all(|(ordered, _)| *ordered != index) {
            orders.push((index, told));
        }
    }
    Ok(Decision { orders, targets, circuits, following, changes })
}

impl EvseView {
    /// What a charger that does not follow is told: no more than before, and less where less is
    /// asked for.
    fn kept(&self) -> W {
        let told = self.setpoint.told().unwrap_or(W::ZERO);
        if self.ask < self.min { W::ZERO } else { told.min(on_grid(self, self.ask)) }
    }
}

/// How many of each tier are given something below each circuit.
struct Charging(Vec<[u32; 10]>);

impl Charging {
    fn count(view: &DepotView, shares: &[EvseAllocation]) -> Self {
        let mut counts = vec![[0; 10]; view.circuits.len()];
        for (evse, share) in view.evses.iter().zip(shares) {
            if share.power == W::ZERO || matches!(share.reason, Reason::OfflineReserve) {
                continue;
            }
            let mut at = Some(evse.circuit);
            while let Some(circuit) = at {
                counts[circuit][usize::from(evse.tier.min(9))] += 1;
                at = view.circuits[circuit].parent;
            }
        }
        Self(counts)
    }

    fn any(&self, circuit: usize, tier: u8) -> bool {
        self.0.get(circuit).is_some_and(|tiers| tiers[usize::from(tier.min(9))] > 0)
    }
}

fn reason(evse: &EvseView, place: Place, reason: Reason, charging: &Charging) -> SetpointReason {
    match reason {
        Reason::NotCharging if place.rests && evse.ask > W::ZERO => SetpointReason::Rotation,
        Reason::NotCharging | Reason::DemandMet => evse.bounded_by,
        Reason::CircuitLimit(_) => SetpointReason::BindingCircuit,
        Reason::BelowMinimum(circuit) if charging.any(circuit, evse.tier) => SetpointReason::Rotation,
        Reason::BelowMinimum(_) | Reason::DemandBelowMinimum => SetpointReason::MinimumNotAvailable,
        Reason::OfflineReserve if evse.strays() => SetpointReason::NotFollowing,
        Reason::OfflineReserve if evse.online => SetpointReason::Ramping,
        Reason::OfflineReserve => SetpointReason::OfflineFallback,
    }
}
