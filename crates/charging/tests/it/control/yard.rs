//! A simulated depot: the control steps, and chargers do what they last accepted.

use std::{collections::BTreeMap, sync::Arc};

use charge_point::{ChargePoint, ConnectorStatus, CurrentType, RateUnits, StatusReport, testing::charger_at};
use charging::{
    Held, Pace, Setpoint,
    control::{Decision, Depot, DepotView, step, view},
};
use chrono::TimeDelta;
use depot::{ChargingStrategy, CircuitLimit, CircuitNode, Topology};
use kernel::{
    CircuitId, Clock, CommandId, IdSource, OrganisationId, PriorityLevel, Soc, Timestamp, W, Wh,
    testing::{CountingIds, FakeClock},
};
use priority::{Effective, Source};
use transaction::{Latest, OpenSession, TransactionNumber, TransactionPlace, TransactionState};
use vehicle::Vehicle;

/// A charger as it really is.
#[derive(Clone, Debug)]
pub struct Real {
    /// The limit that it holds; none: it gives what is wanted.
    pub holds: Option<W>,
    /// What the vehicle takes, if it may.
    pub wants: W,
    /// Whether it does what it accepts.
    pub obeys: bool,
    /// What it has given, in watt-seconds.
    pub given: i64,
}

/// A depot, its chargers as they really are, and time. Charger, EVSE and vehicle of one place have
/// the same index.
pub struct Yard {
    pub depot: Depot,
    pub real: Vec<Real>,
    pub vehicles: Vec<Vehicle>,
    pub ids: CountingIds,
    pub clock: FakeClock,
}

/// What a charger is.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    pub circuit: usize,
    pub direct: bool,
    pub kilowatts: i64,
    pub min_kilowatts: i64,
    pub tier: u8,
}

impl Kind {
    /// A DC charger of some power on a circuit, in the middle of the scale.
    pub fn dc(circuit: usize, kilowatts: i64) -> Self {
        Self { circuit, direct: true, kilowatts, min_kilowatts: 5, tier: 5 }
    }

    pub fn tier(self, tier: u8) -> Self {
        Self { tier, ..self }
    }
}

impl Yard {
    /// Circuits by their parents and limits in kilowatts; the first is the grid connection.
    pub fn new(circuits: &[(Option<usize>, i64)], kinds: &[Kind]) -> Self {
        let (ids, clock) = (CountingIds::default(), FakeClock::default());
        let organisation: OrganisationId = ids.uuid().into();
        let home = depot::testing::depot(&ids, organisation, "D-1");
        let mut nodes: Vec<CircuitNode> = Vec::new();
        for (parent, kilowatts) in circuits {
            let parent = parent.map(|index: usize| nodes[index].circuit.clone());
            let mut circuit = depot::testing::circuit(&ids, &home, parent.as_ref());
            circuit.limit = CircuitLimit::power(W(kilowatts * 1_000));
            nodes.push(CircuitNode { circuit, windows: Vec::new(), externals: Vec::new() });
        }
        let chargers: Vec<ChargePoint> = kinds
            .iter()
            .enumerate()
            .map(|(index, kind)| charger(&ids, &home, &nodes, (index, *kind)))
            .collect();
        let vehicles: Vec<Vehicle> = (0..kinds.len())
            .map(|index| vehicle::testing::bus(&ids, organisation, &format!("B-{index}")))
            .collect();
        let level = |tier| {
            let level = PriorityLevel::new(tier).unwrap();
            Effective { level, source: Source::Default, because: None }
        };
        let priorities =
            chargers.iter().zip(kinds).map(|(charger, kind)| (charger.evses[0].id, level(kind.tier)));
        let priorities = priorities.collect();
        let topology = Topology { depot: Arc::new(home), circuits: nodes.into(), loads: BTreeMap::new() };
        let real = vec![Real { holds: None, wants: W::ZERO, obeys: true, given: 0 }; kinds.len()];
        let depot = Depot {
            now: clock.now(),
            topology,
            chargers,
            sessions: Vec::new(),
            vehicles: vehicles.iter().map(|vehicle| (vehicle.id, vehicle.clone())).collect(),
            priorities,
            setpoints: BTreeMap::new(),
            runs: BTreeMap::new(),
            plan: None,
            overrides: Vec::new(),
            pace: Pace::default(),
        };
        Self { depot, real, vehicles, ids, clock }
    }

    pub fn strategy(&mut self, strategy: ChargingStrategy, use_spare_room: bool) {
        let home = Arc::make_mut(&mut self.depot.topology.depot);
        (home.charging_strategy, home.use_spare_room) = (strategy, use_spare_room);
    }

    pub fn circuit(&mut self, index: usize, change: impl FnOnce(&mut CircuitNode)) {
        let mut circuits = self.depot.topology.circuits.to_vec();
        change(&mut circuits[index]);
        self.depot.topology.circuits = circuits.into();
    }

    pub fn limit(&mut self, index: usize, kilowatts: i64) {
        self.circuit(index, |node| node.circuit.limit = CircuitLimit::power(W(kilowatts * 1_000)));
    }

    pub fn circuit_id(&self, index: usize) -> CircuitId {
        self.depot.topology.circuits[index].circuit.id
    }

    /// A vehicle that takes so much is plugged in.
    pub fn plug_in(&mut self, place: usize, wants: W) {
        self.unplug(place);
        let (charger, now) = (&self.depot.chargers[place], self.clock.now());
        let evse = &charger.evses[0];
        let vehicle = &self.vehicles[place];
        let number = i32::try_from(self.depot.sessions.len()).unwrap() + 1;
        self.real[place].wants = wants;
        self.real[place].given = 0;
        self.depot.sessions.push(OpenSession {
            transaction: self.ids.uuid().into(),
            number: TransactionNumber(number),
            place: TransactionPlace {
                charge_point: charger.id,
                depot: charger.depot,
                evse: Some(evse.id),
                evse_number: 1,
                connector: evse.connectors[0].flat_number,
            },
            vehicle: Some(vehicle.id),
            id_tag: None,
            state: TransactionState::Active,
            started_at: now,
            energy: Wh(0),
            latest: None,
        });
        let known = self.depot.vehicles.get_mut(&vehicle.id).unwrap();
        (known.max_ac, known.max_dc) = (wants, wants);
    }

    pub fn unplug(&mut self, place: usize) {
        let evse = self.depot.chargers[place].evses[0].id;
        self.depot.sessions.retain(|session| session.place.evse != Some(evse));
        self.real[place].wants = W::ZERO;
    }

    pub fn session(&mut self, place: usize) -> Option<&mut OpenSession> {
        let evse = self.depot.chargers[place].evses[0].id;
        self.depot.sessions.iter_mut().find(|session| session.place.evse == Some(evse))
    }

    /// Every meter says what is drawn.
    pub fn read_all(&mut self) {
        for place in 0..self.real.len() {
            self.read(place);
        }
    }

    pub fn read(&mut self, place: usize) {
        let (draws, at, given) = (self.draws(place), self.clock.now(), self.real[place].given);
        if let Some(session) = self.session(place) {
            session.energy = Wh(given / 3_600);
            session.latest = Some(Latest { at, power: Some(draws), current: None, soc: None });
        }
    }

    /// What is really drawn at a place.
    pub fn draws(&self, place: usize) -> W {
        let real = &self.real[place];
        let strength = self.depot.chargers[place].max_power;
        let most = real.wants.min(strength);
        match real.holds {
            Some(holds) if real.obeys => holds.min(most),
            _ => most,
        }
    }

    /// What a step sees.
    pub fn look(&mut self) -> DepotView {
        self.depot.now = self.clock.now();
        view(&self.depot)
    }

    /// One step of the control, kept as the service keeps it.
    pub fn step(&mut self) -> (DepotView, Decision) {
        let view = self.look();
        let decision = step(&view).unwrap();
        let mut setpoints: Vec<Setpoint> = view.evses.iter().map(|evse| evse.setpoint.clone()).collect();
        for (index, limit) in &decision.orders {
            let commands = vec![CommandId::from_uuid(self.ids.uuid())];
            setpoints[*index].ordered(*limit, commands, self.depot.now);
            setpoints[*index].resumes &= !view.evses[*index].resumed;
        }
        decision.note(&mut setpoints, &self.depot.topology.circuits);
        self.depot.setpoints = setpoints.into_iter().map(|setpoint| (setpoint.evse, setpoint)).collect();
        (view, decision)
    }

    pub fn setpoint(&self, place: usize) -> &Setpoint {
        &self.depot.setpoints[&self.depot.chargers[place].evses[0].id]
    }

    pub fn told(&self, place: usize) -> W {
        self.setpoint(place).told().unwrap_or_default()
    }

    /// The oldest order of a place ends. `holds` says whether an order nobody knows of holds.
    pub fn answer(&mut self, place: usize, held: Held, holds: bool) {
        let (evse, now) = (self.depot.chargers[place].evses[0].id, self.clock.now());
        let Some(setpoint) = self.depot.setpoints.get_mut(&evse) else { return };
        let Some(value) = setpoint.pending.first().map(|pending| pending.value) else { return };
        if held == Held::Yes || (held == Held::Unknown && holds) {
            self.real[place].holds = Some(value);
        }
        setpoint.resolve(held, now);
    }

    pub fn answer_all(&mut self) {
        for place in 0..self.real.len() {
            while self.depot.setpoints.values().any(|setpoint| {
                setpoint.evse == self.depot.chargers[place].evses[0].id && !setpoint.pending.is_empty()
            }) {
                self.answer(place, Held::Yes, true);
            }
        }
    }

    /// A charger that starts anew has forgotten its limit and everything that was on its way.
    pub fn reboot(&mut self, place: usize) {
        self.clock.advance(TimeDelta::milliseconds(1));
        self.real[place].holds = None;
        self.depot.chargers[place].live.booted_at = Some(self.clock.now());
        let evse = self.depot.chargers[place].evses[0].id;
        if let Some(setpoint) = self.depot.setpoints.get_mut(&evse) {
            let now = self.clock.now();
            while !setpoint.pending.is_empty() {
                setpoint.resolve(Held::No, now);
            }
        }
    }

    /// The charger says that a vehicle charges.
    pub fn charges(&mut self, place: usize) {
        let at = self.clock.now();
        let report = StatusReport {
            status: ConnectorStatus::Charging,
            error_code: None,
            info: None,
            vendor_id: None,
            vendor_error_code: None,
            at,
        };
        self.depot.chargers[place].evses[0].connectors[0].live.report = Some(report);
    }

    pub fn online(&mut self, place: usize, online: bool) {
        self.depot.chargers[place].live.online = online;
    }

    pub fn pass(&mut self, time: TimeDelta) {
        for place in 0..self.real.len() {
            self.real[place].given += self.draws(place).get() * time.num_seconds();
        }
        self.clock.advance(time);
    }

    /// Steps while everything answers at once and meters are read, until `time` has passed.
    pub fn run(&mut self, time: TimeDelta, mut each: impl FnMut(&mut Self, &DepotView, &Decision)) {
        let end = self.clock.now() + time;
        while self.clock.now() < end {
            self.pass(TimeDelta::seconds(5));
            self.read_all();
            let (view, decision) = self.step();
            self.answer_all();
            each(self, &view, &decision);
        }
    }

    pub fn settle(&mut self) {
        self.run(TimeDelta::minutes(5), |_, _, _| {});
    }

    /// By how much each circuit is exceeded by some load of each place.
    pub fn excess(&self, view: &DepotView, load: impl Fn(usize) -> W) -> Vec<i64> {
        let mut excess: Vec<i64> = view
            .circuits
            .iter()
            .map(|circuit| circuit.max_power.map_or(i64::MIN / 2, |limit| -limit.get()))
            .collect();
        for (place, evse) in view.evses.iter().enumerate() {
            let mut at = Some(evse.circuit);
            while let Some(circuit) = at {
                excess[circuit] += load(place).get();
                at = view.circuits[circuit].parent;
            }
        }
        for (index, circuit) in view.circuits.iter().enumerate() {
            let mut at = Some(index);
            while let Some(above) = at {
                excess[above] += circuit.unmanaged.power.get();
                at = view.circuits[above].parent;
            }
        }
        excess
    }
}

fn charger(
    ids: &CountingIds,
    home: &depot::Depot,
    nodes: &[CircuitNode],
    (index, kind): (usize, Kind),
) -> ChargePoint {
    let mut charger = charger_at(ids, home.organisation, home.id, &format!("CP-{index}"));
    let power = W(kind.kilowatts * 1_000);
    charger.circuit = Some(nodes[kind.circuit].circuit.id);
    charger.max_power = power;
    charger.live.online = true;
    for connector in charger.evses.iter_mut().flat_map(|evse| &mut evse.connectors) {
        connector.max_power = power;
        connector.phases = 3;
    }
    if kind.direct {
        charger.electrics.current = CurrentType::Dc;
        charger.electrics.min_power = W(kind.min_kilowatts * 1_000);
        charger.electrics.rate_units = Some(RateUnits::Watts);
    }
    charger
}

/// An instant of the clock that yards begin with.
pub fn at(minutes: i64) -> Timestamp {
    FakeClock::default().now() + TimeDelta::minutes(minutes)
}

pub fn percent(percent: f64) -> Soc {
    Soc::from_percent(percent).unwrap()
}
