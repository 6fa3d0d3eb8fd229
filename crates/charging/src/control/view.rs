//! From what the domains know of a depot to what one step looks at.

use std::collections::BTreeMap;

use charge_point::{ChargePoint, ConnectorStatus, CurrentType, Evse, RateUnits, Registration};
use chrono::TimeDelta;
use depot::{ChargingStrategy, EffectiveLimit, Phases as DepotPhases, Topology};
use dispatch::Run;
use kernel::{CircuitId, EvseId, MilliAmps, Timestamp, VehicleId, W, Wh};
use priority::Effective;
use transaction::OpenSession;
use vehicle::Vehicle;

use super::{
    asked::{Asked, Guest, Left},
    following::FOLLOWS_WITHIN,
    pace::Pace,
    setpoint::{Setpoint, SetpointReason},
    step::{DepotView, EvseView, Steering, TierSource},
    strategy::{Grain, Planned, Rules},
    turn::Turn,
};
use crate::{
    allocation::{CircuitInput, Load, Phases, Rotation, Service},
    outlook::DepotPlan,
    overrides::{ChargingOverride, OverrideAction, OverrideStrategy},
};

/// How old a reading may be to say what is drawn now.
const FRESH: TimeDelta = TimeDelta::seconds(90);
const LAST_TIER: u8 = 9;

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
    /// What each vehicle has to do next.
    pub runs: BTreeMap<VehicleId, Run>,
    /// The newest, where one is wanted.
    pub plan: Option<DepotPlan>,
    /// Those that hold, oldest first.
    pub overrides: Vec<ChargingOverride>,
    pub pace: Pace,
}

impl Depot {
    /// Whether anybody is to follow the plan.
    pub fn wants_plan(&self) -> bool {
        wants_plan(&self.topology, &self.overrides)
    }
}

/// Whether anybody at a depot is to follow its plan.
pub(crate) fn wants_plan(topology: &Topology, overrides: &[ChargingOverride]) -> bool {
    topology.depot.charging_strategy == ChargingStrategy::Scheduled
        || overrides.iter().any(|over| over.action == OverrideAction::Strategy(OverrideStrategy::Scheduled))
}

/// What a step looks at. EVSEs come in the order of their chargers.
pub fn view(depot: &Depot) -> DepotView {
    let home = &depot.topology.depot;
    let index = depot.topology.circuits.iter().enumerate().map(|(index, node)| (node.circuit.id, index));
    let own = depot.sessions.iter().filter_map(|session| Some((session.place.evse?, session)));
    let (planned, plan_use) = Planned::of(depot.plan.as_ref(), depot.wants_plan(), depot.now, &depot.pace);
    let rules = Rules { strategy: home.charging_strategy, use_spare_room: home.use_spare_room, planned };
    let judges = Judges { rules, index: index.collect(), sessions: own.collect() };
    let mut evses = Vec::new();
    for charger in &depot.chargers {
        evses.extend(charger.evses.iter().map(|evse| look(depot, &judges, charger, evse)));
    }
    DepotView {
        now: depot.now,
        controlled: home.charging_strategy != ChargingStrategy::Uncontrolled,
        pace: depot.pace,
        plan_use,
        circuits: circuits(depot),
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

/// What every EVSE of a depot is judged by.
struct Judges<'a> {
    rules: Rules<'a>,
    /// By the depot's circuits.
    index: BTreeMap<CircuitId, usize>,
    sessions: BTreeMap<EvseId, &'a OpenSession>,
}

fn look(depot: &Depot, judges: &Judges<'_>, charger: &ChargePoint, evse: &Evse) -> EvseView {
    let (now, session) = (depot.now, judges.sessions.get(&evse.id).copied());
    let place = |circuit: CircuitId| judges.index.get(&circuit).copied();
    let mut setpoint = depot
        .setpoints
        .get(&evse.id)
        .cloned()
        .unwrap_or_else(|| Setpoint::unset(evse.id, charger.organisation, charger.depot, charger.id));
    if charger.live.booted_at.is_some_and(|booted| setpoint.confirmed_at.is_some_and(|at| at < booted)) {
        setpoint.forget();
    }
    let latest = session.and_then(|session| session.latest).filter(|latest| now - latest.at <= FRESH);
    setpoint.observe(session.is_some(), latest, now);
    let strength = charger.evse_max_power(evse);
    let since = setpoint.since.unwrap_or(now);
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
    let (phases, voltage) = (phases(charger, evse), volts(charger.electrics.voltage));
    let steering = steering(charger);
    let min = steering.least(charger.evse_min_power(evse), phases, voltage);
    let mut view = EvseView {
        circuit: charger.circuit.and_then(place).unwrap_or(0),
        phases,
        voltage,
        steering,
        min,
        unlimited,
        demand: W::ZERO,
        ask: W::ZERO,
        bounded_by: SetpointReason::NotCharging,
        service: Service::default(),
        tier: LAST_TIER,
        tier_source: TierSource::NotCharging,
        laxity: 0,
        idle: false,
        received: session.map_or(Wh(0), |session| session.energy),
        binding: setpoint.binding.and_then(place),
        plan: None,
        over: None,
        online,
        measured: latest.and_then(|latest| latest.power),
        settled,
        resumed: setpoint.resumes && session.is_some_and(|session| resumed(evse, session, since)),
        setpoint,
    };
    let vehicle = session.and_then(|session| session.vehicle).and_then(|id| depot.vehicles.get(&id));
    match session {
        Some(session) => {
            let priority = depot.priorities.get(&evse.id);
            let run = session.vehicle.and_then(|vehicle| depot.runs.get(&vehicle));
            let guest = Guest { session, vehicle, priority, run };
            judge(depot, &judges.rules, (charger, evse), guest, &mut view);
        }
        None => view.setpoint.nobody(),
    }
    (view.setpoint.demand, view.setpoint.tier) = (view.demand, view.tier);
    view
}

/// What whoever is there wants and may be given.
fn judge(
    depot: &Depot,
    rules: &Rules<'_>,
    (charger, evse): (&ChargePoint, &Evse),
    guest: Guest<'_>,
    view: &mut EvseView,
) {
    let (now, session) = (depot.now, guest.session);
    let mut asked = Asked::of(charger, evse, guest, now);
    if asked.demand == W::ZERO {
        view.setpoint.nobody();
        return;
    }
    let (drawn, told) = ((view.settled, view.min), view.setpoint.confirmed);
    view.setpoint.left = Left::follow(view.setpoint.left, session.transaction, drawn, &view.setpoint, now);
    asked.take_back(view.setpoint.left, view.settled, told);
    let concerns = |over: &&ChargingOverride| over.concerns(charger.id, evse.id, session.vehicle);
    let overrides: Vec<&ChargingOverride> = depot.overrides.iter().filter(concerns).collect();
    let grain = Grain { min: view.min, step: view.steering.step(view.phases, view.voltage) };
    let offer = rules.judge(&mut asked, session, &mut view.setpoint.progress, grain, (&overrides, now));
    if offer.plan.is_none() {
        view.setpoint.progress = None;
    }
    (view.demand, view.ask, view.bounded_by) = (asked.demand, offer.ask, asked.bounded_by);
    (view.service, view.plan, view.over) = (offer.service, offer.plan, offer.over);
    (view.tier, view.tier_source) = (asked.tier, asked.tier_source);
    (view.laxity, view.idle) = (asked.laxity, asked.idle);
    let wants = offer.ask >= view.min && offer.ask > W::ZERO;
    let on = view.setpoint.told().is_some_and(|told| told > W::ZERO);
    let turn = (now, &depot.pace);
    let before = view.setpoint.turn;
    view.setpoint.turn = wants.then(|| Turn::follow(before, session.transaction, on, session.energy, turn));
}

/// Whether the vehicle was seen to charge again after a pause.
fn resumed(evse: &Evse, session: &OpenSession, since: Timestamp) -> bool {
    evse.connectors.iter().any(|connector| {
        let report = connector.live.report.as_ref();
        connector.flat_number == session.place.connector
            && report.is_some_and(|report| report.status == ConnectorStatus::Charging && report.at >= since)
    })
}

fn volts(voltage: i64) -> u32 {
    u32::try_from(voltage).ok().filter(|voltage| *voltage > 0).unwrap_or(230)
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
