//! Reading all that planning wants to know, outside any unit of work.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::PoisonError,
};

use charge_point::ChargePoint;
use chrono::TimeDelta;
use depot::Topology;
use kernel::{DepotId, EvseId, OrganisationId, Soc, StoreError, Timestamp, VehicleId, Wh};
use priority::{Effective, Stand};
use transaction::quarter_of;

use super::PlanService;
use crate::{
    error::ChargingError,
    outlook::{Grid, History, LOOKS_BACK, LoadProfile, Sight, month_begin, month_peak},
};

/// Hundredths of a percent of each battery that are planned beyond what is needed.
const RESERVE: u16 = 25;
/// How far back runs are looked at: vehicles may still be out on them.
const OUT_FOR: TimeDelta = TimeDelta::hours(24);

impl PlanService {
    pub(super) async fn look(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
    ) -> Result<Sight, ChargingError> {
        let store = &self.store;
        let Some(topology) = store.topology(organisation, depot).await? else {
            self.histories.lock().unwrap_or_else(PoisonError::into_inner).remove(&depot);
            return Err(ChargingError::NoSuchDepot);
        };
        let now = self.clock.now();
        let grid = Grid::new(now, topology.depot.time_zone);
        let chargers = store.charge_points_of_depot(organisation, depot).await?;
        let sessions = store.open_sessions(organisation, depot).await?;
        let runs = store.runs_departing(organisation, depot, now - OUT_FOR, grid.ends_at()).await?;
        let wanted: BTreeSet<VehicleId> = sessions
            .iter()
            .filter_map(|session| session.vehicle)
            .chain(runs.iter().filter_map(|run| run.vehicle))
            .collect();
        let wanted: Vec<VehicleId> = wanted.into_iter().collect();
        let vehicles = store.vehicles_by_id(organisation, &wanted).await?;
        let history = self.history(organisation, &topology, now).await?;
        let mut standing: BTreeMap<VehicleId, Stand> = BTreeMap::new();
        for vehicle in &vehicles {
            let place = history.last_places.get(&vehicle.id).and_then(|evse| charger_of(&chargers, *evse));
            if let Some(charger) = place {
                standing.insert(vehicle.id, Stand { charge_point: charger.id, vehicle: Some(vehicle.id) });
            }
        }
        for session in &sessions {
            if let Some(vehicle) = session.vehicle {
                standing.insert(
                    vehicle,
                    Stand { charge_point: session.place.charge_point, vehicle: Some(vehicle) },
                );
            }
        }
        let (whose, stands): (Vec<VehicleId>, Vec<Stand>) = standing.into_iter().unzip();
        let found: Vec<Effective> = store.priorities_of(organisation, depot, &stands, now).await?;
        let setpoints = store.setpoints_of(organisation, depot).await?;
        Ok(Sight {
            now,
            reserve: Soc::from_hundredths(RESERVE).unwrap_or_default(),
            stalled_after: self.stalled_after,
            tariff: store.tariff_get(organisation, depot).await?,
            drawn: self.drawn(organisation, depot, now, &chargers).await?,
            before: store.plan_of(organisation, depot).await?,
            vehicles: vehicles.into_iter().map(|vehicle| (vehicle.id, vehicle)).collect(),
            priorities: whose.into_iter().zip(found).collect(),
            setpoints: setpoints.into_iter().map(|setpoint| (setpoint.evse, setpoint)).collect(),
            topology,
            chargers,
            sessions,
            runs,
            history,
        })
    }

    /// What each EVSE drew since the running slot began. A reading early in a slot also counts what was
    /// drawn before it: nobody can have drawn more than the EVSE gives in that time.
    async fn drawn(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
        now: Timestamp,
        chargers: &[ChargePoint],
    ) -> Result<BTreeMap<EvseId, Wh>, StoreError> {
        let chargers: BTreeMap<_, _> = chargers.iter().map(|charger| (charger.id, charger)).collect();
        let elapsed = (now - quarter_of(now)).num_seconds();
        let mut drawn = BTreeMap::new();
        for found in self.store.drawn_in(organisation, depot, quarter_of(now)).await? {
            let Some(charger) = chargers.get(&found.charge_point) else { continue };
            let Some((evse, _)) = charger.connector(found.connector) else { continue };
            let most = Wh(charger.evse_max_power(evse).get().saturating_mul(elapsed) / 3_600);
            let drawn = drawn.entry(evse.id).or_insert(Wh::ZERO);
            *drawn = (*drawn + found.energy).min(most);
        }
        Ok(drawn)
    }

    /// The past, read once in every slot: it is long, and changes little.
    async fn history(
        &self,
        organisation: OrganisationId,
        topology: &Topology,
        now: Timestamp,
    ) -> Result<History, StoreError> {
        let (depot, slot) = (topology.depot.id, quarter_of(now));
        let known = self.histories.lock().unwrap_or_else(PoisonError::into_inner).get(&depot).cloned();
        if let Some((_, history)) = known.filter(|(read, _)| *read == slot) {
            return Ok(history);
        }
        let zone = topology.depot.time_zone;
        let (month, back) = (month_begin(now, zone), now - LOOKS_BACK);
        let loads = self.store.load_quarters(organisation, depot, month.min(back)).await?;
        let charged = self.store.charged_quarters(organisation, depot, month, slot).await?;
        let last_places = self.store.last_places(organisation, depot, back).await?;
        let history = History {
            peak: month_peak(topology, &charged, &loads, now),
            loads: LoadProfile::learn(&loads, zone),
            last_places: last_places.into_iter().collect(),
        };
        let mut histories = self.histories.lock().unwrap_or_else(PoisonError::into_inner);
        histories.insert(depot, (slot, history.clone()));
        Ok(history)
    }
}

fn charger_of(chargers: &[ChargePoint], evse: EvseId) -> Option<&ChargePoint> {
    chargers.iter().find(|charger| charger.evse(evse).is_some())
}
