//! From what the domains know of a depot to what one step looks at.

use std::collections::BTreeMap;

use charge_point::{ChargePoint, ConnectorStatus, CurrentType, Evse, RateUnits, Registration};
use chrono::TimeDelta;
use depot::{ChargingStrategy, EffectiveLimit, Phases as DepotPhases, Topology};
use kernel::{CircuitId, EvseId, MilliAmps, Soc, Timestamp, VehicleId, W};
use priority::{Effective, Source};
use transaction::OpenSession;
use vehicle::Vehicle;

use super::{
    setpoint::{Setpoint, SetpointReason},
    step::{DepotView, EvseView, Steering, TierSource},
};
use crate::allocation::{CircuitInput, Load, Phases, Rotation};

/// How old a reading may be to say what is drawn now.
const FRESH: TimeDelta = TimeDelta::seconds(90);
/// How long a vehicle may take to follow a new limit.
const FOLLOWS_WITHIN: TimeDelta = TimeDelta::seconds(30);
/// How long a vehicle must draw less than it may before the rest is given to others.
const GIVES_BACK_AFTER: TimeDelta = TimeDelta::seconds(60);
/// The tier of vehicles that have what they need, and that of those nobody knows.
const LAST_TIER: u8 = 9;
const USUAL_TIER: u8 = 5;

/// Everything that is known of a depot.
pub struct Depot {
    pub now: Timestamp,
    pub topology: Topology,
    pub chargers: Vec<ChargePoint>,
    pub sessions: Vec<OpenSession>,
    pub vehicles: BTreeMap<VehicleId, Vehicle>,
    /// The priority of whoever charges at an EVSE.
    pub priorities: BTreeMap<EvseId, Effective>,
    pub setpoints: BTreeMap<EvseId, Setpoint>,
}

/// What a step looks at. EVSEs come in the order of their chargers.
pub fn view(depot: &Depot) -> DepotView {
    let circuits = circuits(depot);
    let index: BTreeMap<CircuitId, usize> =
        depot.topology.circuits.iter().enumerate().map(|(index, node)| (node.circuit.id, index)).collect();
    let sessions: BTreeMap<EvseId, &OpenSession> =
        depot.sessions.iter().filter_map(|session| Some((session.place.evse?, session))).collect();
    let mut evses = Vec::new();
    for charger in &depot.chargers {
        let circuit = charger.circuit.and_then(|circuit| index.get(&circuit).copied()).unwrap_or(0);
        for evse in &charger.evses {
            evses.push(look(depot, charger, evse, sessions.get(&evse.id).copied(), circuit));
        }
    }
    DepotView {
        now: depot.now,
        controlled: depot.topology.depot.charging_strategy != ChargingStrategy::Uncontrolled,
        circuits,
        evses,
    }
}

/// The nodes of the tree with what may be used of them. A depot without a tree has one node
/// without a limit.
fn circuits(depot: &Depot) -> Vec<CircuitInput> {
    let nodes = &depot.topology.circuits;
    if nodes.is_empty() {
        return vec![CircuitInput::default()];
    }
    let place = |id: CircuitId| nodes.iter().position(|node| node.circuit.id == id);
    nodes
        .iter()
        .map(|node| {
            let limit: EffectiveLimit = node.effective_limit(depot.topology.depot.time_zone, depot.now);
            let unmanaged = depot.topology.unmanaged_load(node, depot.now);
            let phases = match node.circuit.phases {
                DepotPhases::One => Phases::L1,
                DepotPhases::Three => Phases::ALL,
            };
            let volts = u32::try_from(node.circuit.voltage.get()).unwrap_or(230);
            CircuitInput {
                parent: node.circuit.parent.and_then(place),
                max_power: limit.power.map(|bound| bound.usable.at_least_zero()),
                max_current: limit.current.map(|bound| [MilliAmps(bound.usable.get().max(0)); 3]),
                unmanaged: Load::from_power(unmanaged.at_least_zero(), phases, volts),
                reserved: Load::default(),
            }
        })
        .collect()
}

fn look(
    depot: &Depot,
    charger: &ChargePoint,
    evse: &Evse,
    session: Option<&OpenSession>,
    circuit: usize,
) -> EvseView {
    let mut setpoint = depot
        .setpoints
        .get(&evse.id)
        .cloned()
        .unwrap_or_else(|| Setpoint::unset(evse.id, charger.organisation, charger.depot, charger.id));
    if charger.live.booted_at.is_some_and(|booted| setpoint.confirmed_at.is_some_and(|at| at < booted)) {
        setpoint.forget();
    }
    let strength = charger.evse_max_power(evse);
    let latest = session.and_then(|session| session.latest).filter(|latest| depot.now - latest.at <= FRESH);
    let measured = latest.and_then(|latest| latest.power);
    let since = setpoint.confirmed_at.unwrap_or(depot.now);
    let settled = latest.filter(|latest| latest.at - since >= FOLLOWS_WITHIN).and_then(|latest| latest.power);
    let fallback = charger
        .electrics
        .offline_limit
        .or_else(|| charger.circuit.and_then(|circuit| depot.topology.fallback_reserve(circuit)));
    let online = charger.live.online && charger.registration == Registration::Accepted;
    let unlimited = match (session, fallback) {
        (Some(_), _) if online => strength,
        (_, Some(fallback)) => fallback.min(strength),
        (Some(_), None) => strength,
        (None, None) => W::ZERO,
    };
    let vehicle = session.and_then(|session| session.vehicle).and_then(|id| depot.vehicles.get(&id));
    let mut asked = Asked::of(charger, evse, session, vehicle, depot.priorities.get(&evse.id));
    if let Some(drawn) = settled {
        asked.give_back(drawn, &setpoint, depot.now);
    }
    setpoint.demand = asked.demand;
    let equal = depot.topology.depot.charging_strategy == ChargingStrategy::EqualShare;
    if equal {
        (asked.tier, asked.tier_source) = (USUAL_TIER, TierSource::EqualShare);
    }
    setpoint.tier = asked.tier;
    EvseView {
        circuit,
        phases: phases(charger, evse),
        voltage: u32::try_from(charger.electrics.voltage).unwrap_or(230),
        steering: steering(charger),
        min: charger.evse_min_power(evse),
        unlimited,
        demand: asked.demand,
        bounded_by: asked.bounded_by,
        tier: asked.tier,
        tier_source: asked.tier_source,
        laxity: asked.laxity,
        online,
        measured,
        settled,
        setpoint,
    }
}

/// What somebody at an EVSE wants.
struct Asked {
    demand: W,
    bounded_by: SetpointReason,
    tier: u8,
    tier_source: TierSource,
    laxity: i64,
}

impl Asked {
    fn of(
        charger: &ChargePoint,
        evse: &Evse,
        session: Option<&OpenSession>,
        vehicle: Option<&Vehicle>,
        priority: Option<&Effective>,
    ) -> Self {
        let nobody = Self {
            demand: W::ZERO,
            bounded_by: SetpointReason::NotCharging,
            tier: LAST_TIER,
            tier_source: TierSource::NotCharging,
            laxity: 0,
        };
        let Some(session) = session else { return nobody };
        let out_of_order = evse.connectors.iter().any(|connector| {
            connector.flat_number == session.place.connector
                && connector.live.status() == ConnectorStatus::Faulted
        });
        if out_of_order {
            return nobody;
        }
        let strength = charger.evse_max_power(evse);
        let (tier, source) =
            priority.map_or((USUAL_TIER, Source::Default), |found| (found.level.get(), found.source));
        let tier_source = TierSource::Priority(source);
        let Some(vehicle) = vehicle else {
            let bounded_by = SetpointReason::ChargerLimit;
            return Self { demand: strength, bounded_by, tier, tier_source, laxity: 0 };
        };
        let takes = match charger.electrics.current {
            CurrentType::Ac => vehicle.max_ac,
            CurrentType::Dc => vehicle.max_dc,
        };
        let known = session.latest.and_then(|latest| latest.soc).or(vehicle.soc.map(|observed| observed.soc));
        let satisfied = known.is_some_and(|soc: Soc| soc >= vehicle.target_soc);
        let (demand, bounded_by) = match takes < strength {
            true => (takes, SetpointReason::VehicleLimit),
            false => (strength, SetpointReason::ChargerLimit),
        };
        let seconds = vehicle.missing_energy().get().saturating_mul(3_600) / demand.get().max(1);
        let (tier, tier_source) = match satisfied {
            true => (LAST_TIER, TierSource::TargetReached),
            false => (tier, tier_source),
        };
        Self { demand, bounded_by, tier, tier_source, laxity: -seconds }
    }

    /// A vehicle that draws clearly less than it may leaves the rest to others, and gets it back
    /// once it draws what it was left.
    fn give_back(&mut self, drawn: W, setpoint: &Setpoint, now: Timestamp) {
        let (Some(confirmed), Some(at)) = (setpoint.confirmed, setpoint.confirmed_at) else { return };
        if now - at < GIVES_BACK_AFTER || confirmed == W::ZERO {
            return;
        }
        let share = drawn.get().saturating_mul(100) / confirmed.get().max(1);
        let left = match share {
            ..80 => W(drawn.get() + drawn.get() / 8 + 1_000),
            80..92 => confirmed,
            _ => return,
        };
        if left < self.demand {
            self.demand = left;
            self.bounded_by = SetpointReason::VehicleLimit;
        }
    }
}

/// The grid's phases an EVSE draws from.
fn phases(charger: &ChargePoint, evse: &Evse) -> Phases {
    if charger.electrics.current == CurrentType::Dc {
        return Phases::ALL;
    }
    let rotation =
        Rotation::from_name(&format!("{:?}", evse.rotation).to_ascii_uppercase()).unwrap_or_default();
    Phases::first(evse.phases()).unwrap_or(Phases::ALL).through(rotation)
}

/// In amps where the charger takes nothing else; in watts where it can.
fn steering(charger: &ChargePoint) -> Steering {
    match (charger.rate_units(), charger.electrics.current) {
        (Some(RateUnits::Amps), _) | (None, CurrentType::Ac) => Steering::Current,
        (Some(RateUnits::Both), CurrentType::Ac) => Steering::Current,
        (Some(RateUnits::Both | RateUnits::Watts), _) | (None, CurrentType::Dc) => Steering::Power,
    }
}
