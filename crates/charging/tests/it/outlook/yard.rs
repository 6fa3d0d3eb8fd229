//! A yard in Berlin on a Monday morning, with what tests put there.

use std::collections::{BTreeMap, BTreeSet};

use charge_point::{ChargePoint, ConnectorStatus, CurrentType, StatusReport, testing::charger_at};
use charging::{
    outlook::{DepotOutlook, History, Sight, Trigger, outlook, prospects, question},
    plan::{Settings, plan},
};
use chrono::TimeDelta;
use depot::{Circuit, CircuitNode, Depot, ElectricityTariff, Price, Topology};
use dispatch::{Prospect, Readiness, Run, RunState, assess};
use kernel::{
    Clock, EvseId, IdSource, RunId, Soc, Timestamp, VehicleId, Version, W, Wh,
    testing::{CountingIds, FakeClock},
};
use transaction::{Latest, OpenSession, TransactionNumber, TransactionPlace, TransactionState};
use vehicle::{SocObservation, SocSource, Vehicle, testing::bus};

pub(crate) struct Yard {
    pub(crate) ids: CountingIds,
    pub(crate) depot: Depot,
    pub(crate) sight: Sight,
}

pub(crate) fn percent(percent: f64) -> Soc {
    Soc::from_percent(percent).unwrap()
}

/// Monday 2 March 2026, 09:00 in Berlin.
pub(crate) fn morning() -> Timestamp {
    FakeClock::default().now()
}

pub(crate) fn hours(hours: i64) -> TimeDelta {
    TimeDelta::hours(hours)
}

impl Yard {
    /// Under a grid connection of 100 kW.
    pub(crate) fn new() -> Self {
        let ids = CountingIds::default();
        let depot = depot::testing::depot(&ids, ids.uuid().into(), "D-1");
        let grid = depot::testing::circuit(&ids, &depot, None);
        let node = CircuitNode { circuit: grid, windows: Vec::new(), externals: Vec::new() };
        let topology =
            Topology { depot: depot.clone().into(), circuits: vec![node].into(), loads: BTreeMap::new() };
        let sight = Sight {
            now: morning(),
            topology,
            tariff: None,
            chargers: Vec::new(),
            sessions: Vec::new(),
            vehicles: BTreeMap::new(),
            runs: Vec::new(),
            priorities: BTreeMap::new(),
            setpoints: BTreeMap::new(),
            drawn: BTreeMap::new(),
            history: History::default(),
            before: None,
            reserve: Soc::EMPTY,
            stalled_after: TimeDelta::minutes(20),
        };
        Self { ids, depot, sight }
    }

    /// Changes the nodes of the tree.
    pub(crate) fn tree(&mut self, change: impl FnOnce(&mut Vec<CircuitNode>)) {
        let mut nodes = self.sight.topology.circuits.to_vec();
        change(&mut nodes);
        self.sight.topology.circuits = nodes.into();
    }

    pub(crate) fn grid(&self) -> Circuit {
        self.sight.topology.circuits[0].circuit.clone()
    }

    /// A circuit below the grid connection.
    pub(crate) fn panel(&mut self, limit: W) -> Circuit {
        let mut panel = depot::testing::circuit(&self.ids, &self.depot, Some(&self.grid()));
        panel.limit = depot::CircuitLimit::power(limit);
        let node = CircuitNode { circuit: panel.clone(), windows: Vec::new(), externals: Vec::new() };
        self.tree(|nodes| nodes.push(node));
        panel
    }

    /// An AC charger of 22 kW that is online; its EVSE.
    pub(crate) fn charger(&mut self) -> EvseId {
        self.charger_with(|_| {})
    }

    /// A DC charger.
    pub(crate) fn fast_charger(&mut self, power: W) -> EvseId {
        self.charger_with(|charger| {
            charger.electrics.current = CurrentType::Dc;
            charger.electrics.min_power = W(5_000);
            charger.max_power = power;
            for connector in charger.evses.iter_mut().flat_map(|evse| &mut evse.connectors) {
                connector.max_power = power;
            }
        })
    }

    pub(crate) fn charger_with(&mut self, change: impl FnOnce(&mut ChargePoint)) -> EvseId {
        let name = format!("CP-{}", self.sight.chargers.len() + 1);
        let mut charger = charger_at(&self.ids, self.depot.organisation, self.depot.id, &name);
        charger.live.online = true;
        change(&mut charger);
        let evse = charger.evses[0].id;
        self.sight.chargers.push(charger);
        evse
    }

    pub(crate) fn charger_mut(&mut self, evse: EvseId) -> &mut ChargePoint {
        self.sight.chargers.iter_mut().find(|charger| charger.evse(evse).is_some()).unwrap()
    }

    pub(crate) fn fault(&mut self, evse: EvseId) {
        let report = StatusReport {
            status: ConnectorStatus::Faulted,
            error_code: None,
            info: None,
            vendor_id: None,
            vendor_error_code: None,
            at: morning(),
        };
        self.charger_mut(evse).connector_mut(1).unwrap().live.take(report);
    }

    /// A bus of 350 kWh at home here; 22 kW AC, 150 kW DC, to be charged to 90 %.
    pub(crate) fn bus(&mut self, soc: Option<f64>) -> VehicleId {
        let name = format!("B-{}", self.sight.vehicles.len() + 1);
        let mut vehicle = bus(&self.ids, self.depot.organisation, &name);
        vehicle.depot = Some(self.depot.id);
        vehicle.soc =
            soc.map(|soc| SocObservation { soc: percent(soc), source: SocSource::Telematics, at: morning() });
        let id = vehicle.id;
        self.sight.vehicles.insert(id, vehicle);
        id
    }

    pub(crate) fn vehicle(&mut self, id: VehicleId) -> &mut Vehicle {
        self.sight.vehicles.get_mut(&id).unwrap()
    }

    /// Plugs a bus in, an hour ago.
    pub(crate) fn plug(&mut self, vehicle: VehicleId, evse: EvseId) -> &mut OpenSession {
        self.session(Some(vehicle), evse)
    }

    pub(crate) fn session(&mut self, vehicle: Option<VehicleId>, evse: EvseId) -> &mut OpenSession {
        let charger = self.charger_mut(evse);
        let place = TransactionPlace {
            charge_point: charger.id,
            depot: charger.depot,
            evse: Some(evse),
            evse_number: 1,
            connector: 1,
        };
        self.sight.sessions.push(OpenSession {
            transaction: self.ids.uuid().into(),
            number: TransactionNumber(1),
            place,
            vehicle,
            id_tag: None,
            state: TransactionState::Active,
            started_at: morning() - hours(1),
            energy: Wh(50_000),
            latest: None,
        });
        self.sight.sessions.last_mut().unwrap()
    }

    /// A bus with a state of charge at a charger of its own.
    pub(crate) fn plugged_in(&mut self, soc: f64) -> VehicleId {
        let (vehicle, evse) = (self.bus(Some(soc)), self.charger());
        self.plug(vehicle, evse);
        vehicle
    }

    /// A run from so many hours after the morning until so many, that needs so many kilowatt-hours and ends
    /// with 10 % at least.
    pub(crate) fn run(&mut self, vehicle: VehicleId, departs: i64, arrives: i64, energy: i64) -> RunId {
        let now = morning();
        let id = self.ids.uuid().into();
        self.sight.runs.push(Run {
            id,
            organisation: self.depot.organisation,
            version: Version::FIRST,
            depot: self.depot.id,
            service_date: now.date_naive(),
            block: format!("block {}", self.sight.runs.len() + 1),
            departure_at: now + hours(departs),
            arrival_at: now + hours(arrives),
            distance_m: None,
            energy_required: Some(Wh(energy * 1_000)),
            required_soc: None,
            minimum_soc: percent(10.0),
            vehicle: Some(vehicle),
            vehicle_class: None,
            priority_level: None,
            series: None,
            series_date: None,
            by_hand: true,
            departed_at: None,
            state: RunState::Planned,
            readiness: Readiness::default(),
            created_at: now,
            updated_at: now,
        });
        self.sight.runs.sort_by_key(|run| (run.departure_at, run.id));
        id
    }

    pub(crate) fn run_mut(&mut self, id: RunId) -> &mut Run {
        self.sight.runs.iter_mut().find(|run| run.id == id).unwrap()
    }

    pub(crate) fn tariff(&mut self, base: &str) -> &mut ElectricityTariff {
        self.sight.tariff.insert(ElectricityTariff {
            organisation: self.depot.organisation,
            depot: self.depot.id,
            version: Version::FIRST,
            currency: "EUR".into(),
            base_price: Price::parse(base).unwrap(),
            bands: Vec::new(),
            demand_charge: None,
            demand_target: None,
            may_break_demand_target: false,
            created_at: morning(),
            updated_at: morning(),
        })
    }

    pub(crate) fn outlook(&self) -> DepotOutlook {
        self.planned().0
    }

    pub(crate) fn ids_uuid(&self) -> uuid::Uuid {
        self.ids.uuid()
    }

    pub(crate) fn planned(&self) -> (DepotOutlook, BTreeMap<RunId, Prospect>) {
        let mut asked = question(&self.sight, &BTreeSet::new()).unwrap();
        let mut best = plan(&asked.problem, Settings::default());
        let hurried = asked.hurried(&best);
        if !hurried.is_empty() {
            asked = question(&self.sight, &hurried).unwrap();
            best = plan(&asked.problem, Settings::default());
        }
        let found = outlook(&self.sight, &asked, &best, Trigger::NewSlot);
        let prospects = prospects(&self.sight, &asked, &found.plan);
        let runs: BTreeSet<RunId> = prospects.iter().map(|(run, _)| *run).collect();
        assert_eq!(runs.len(), prospects.len(), "each run is judged once");
        (found, prospects.into_iter().collect())
    }

    /// What dispatch makes of a run.
    pub(crate) fn judged(&self, run: RunId) -> Readiness {
        assess(&self.planned().1[&run], self.sight.now)
    }
}

/// What a charger measures now.
pub(crate) fn reading(power: i64, soc: Option<f64>) -> Option<Latest> {
    Some(Latest { at: morning(), power: Some(W(power)), current: None, soc: soc.map(percent) })
}
