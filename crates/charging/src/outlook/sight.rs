//! Everything that is known of a depot when its plan is made.

use std::collections::BTreeMap;

use charge_point::{ChargePoint, Connector, ConnectorStatus, CurrentType, Evse, Registration};
use chrono::TimeDelta;
use depot::{ElectricityTariff, Topology};
use dispatch::{Cause, Run};
use kernel::{EvseId, PriorityLevel, Soc, Timestamp, VehicleId, W, Wh};
use priority::{Effective, Source};
use transaction::OpenSession;
use vehicle::Vehicle;

use super::{forecast::LoadProfile, grid::Grid, model::DepotPlan};
use crate::control::Setpoint;

/// What a battery keeps of the energy from the grid, in thousandths: an on-board charger loses about a
/// tenth, a DC charger and the battery together about a twentieth.
const KEPT_OF_AC: u16 = 900;
pub(super) const KEPT_OF_DC: u16 = 950;

/// What is seen of a depot.
#[derive(Clone, Debug)]
pub struct Sight {
    pub now: Timestamp,
    pub topology: Topology,
    pub tariff: Option<ElectricityTariff>,
    pub chargers: Vec<ChargePoint>,
    pub sessions: Vec<OpenSession>,
    pub vehicles: BTreeMap<VehicleId, Vehicle>,
    /// By their departure, from a day back until the end of the horizon; none is cancelled.
    pub runs: Vec<Run>,
    /// The priority of vehicles, where rules or overrides may say something of it.
    pub priorities: BTreeMap<VehicleId, Effective>,
    pub setpoints: BTreeMap<EvseId, Setpoint>,
    /// What was drawn since the running slot began.
    pub drawn: BTreeMap<EvseId, Wh>,
    pub history: History,
    /// The plan before this one.
    pub before: Option<DepotPlan>,
    /// What is planned beyond what is needed.
    pub reserve: Soc,
    /// After how long without progress charging has stalled.
    pub stalled_after: TimeDelta,
}

/// What is known of the past, read once a slot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    pub loads: LoadProfile,
    /// The site's highest power of the month so far, by quarter of an hour.
    pub peak: W,
    /// Where vehicles charged last.
    pub last_places: BTreeMap<VehicleId, EvseId>,
}

/// An EVSE with what planning needs of it.
#[derive(Clone, Debug)]
pub struct Place<'a> {
    pub charger: &'a ChargePoint,
    pub evse: &'a Evse,
    /// Position of its circuit in the tree.
    pub circuit: usize,
    pub strength: W,
    pub least: W,
    /// Why nobody can be steered there now.
    pub trouble: Option<Cause>,
}

impl Sight {
    pub fn grid(&self) -> Grid {
        Grid::new(self.now, self.topology.depot.time_zone)
    }

    /// Every EVSE, by charger and number.
    pub fn places(&self) -> Vec<Place<'_>> {
        let circuits: BTreeMap<_, usize> =
            self.topology.circuits.iter().enumerate().map(|(index, node)| (node.circuit.id, index)).collect();
        let of_charger = |charger| {
            let charger: &ChargePoint = charger;
            let circuit = charger.circuit.and_then(|circuit| circuits.get(&circuit).copied()).unwrap_or(0);
            charger.evses.iter().map(move |evse| Place {
                charger,
                evse,
                circuit,
                strength: charger.evse_max_power(evse),
                least: charger.evse_min_power(evse),
                trouble: trouble(charger, evse, None),
            })
        };
        self.chargers.iter().flat_map(of_charger).collect()
    }

    /// The session at each EVSE.
    pub fn sessions_by_evse(&self) -> BTreeMap<EvseId, &OpenSession> {
        self.sessions.iter().filter_map(|session| Some((session.place.evse?, session))).collect()
    }

    /// The tier of a vehicle: what an override or a rule says; else the level of the run; else its own.
    pub fn tier(&self, vehicle: &Vehicle, run: Option<&Run>) -> u8 {
        let ruled = self.priorities.get(&vehicle.id);
        let ruled = ruled.filter(|found| matches!(found.source, Source::Override(_) | Source::Rule(_)));
        let level = ruled.map(|found| found.level).or(run.and_then(|run| run.priority_level));
        let level: PriorityLevel = level.unwrap_or(vehicle.priority_level);
        level.get()
    }
}

impl Place<'_> {
    pub fn is_dc(&self) -> bool {
        self.charger.electrics.current == CurrentType::Dc
    }

    /// Share of the energy from the grid that a battery keeps there, in thousandths.
    pub fn kept(&self) -> u16 {
        if self.is_dc() { KEPT_OF_DC } else { KEPT_OF_AC }
    }

    /// What a vehicle takes there at most.
    pub fn most_for(&self, vehicle: &Vehicle) -> W {
        let takes = if self.is_dc() { vehicle.max_dc } else { vehicle.max_ac };
        takes.min(self.strength)
    }

    /// What may be drawn there while it cannot be steered: what it was last told where that is known, else
    /// what it is set to, else all it can where somebody stands there.
    pub fn fallback(&self, sight: &Sight, occupied: bool) -> W {
        let set = self.charger.electrics.offline_limit;
        let set = set.or_else(|| self.charger.circuit.and_then(|id| sight.topology.fallback_reserve(id)));
        let unlimited = match (set, occupied) {
            (Some(set), _) => set.min(self.strength),
            (None, true) => self.strength,
            (None, false) => W::ZERO,
        };
        sight.setpoints.get(&self.evse.id).map_or(unlimited, |setpoint| setpoint.exposure(unlimited))
    }
}

/// Why nobody can be steered at an EVSE: by the connector in use, or by all of them.
pub(super) fn trouble(charger: &ChargePoint, evse: &Evse, connector: Option<u16>) -> Option<Cause> {
    let is_faulted = |connector: &Connector| connector.live.status() == ConnectorStatus::Faulted;
    let mut mine =
        evse.connectors.iter().filter(|found| connector.is_none_or(|flat| found.flat_number == flat));
    if !charger.live.online || charger.registration != Registration::Accepted {
        return Some(Cause::ChargerOffline);
    }
    mine.all(is_faulted).then_some(Cause::ChargerFaulted)
}
