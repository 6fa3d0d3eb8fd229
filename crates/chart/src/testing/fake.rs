//! Facts in memory, added up when they are asked for.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use chrono::{DurationRound, NaiveDate, TimeDelta};
use depot::{CircuitNode, Topology};
use kernel::{ChargePointId, DepotId, OrganisationId, StoreError, Timestamp, VehicleId, W, Wh};

use super::{Fact, QuarterFact, SessionFact, Yard};
use crate::{
    fold::{QUARTER, quarter_of},
    port::{
        Capacity, ChargerPlace, ChartReader, LoadOfOthers, Meter, MinuteMean, Open, Planned, QuarterSum,
        ReadinessCount, RunOutcome, SocAt, VehiclePlace,
    },
};

#[derive(Default)]
pub struct FakeCharts(Mutex<Facts>);

#[derive(Clone, Default)]
struct Facts {
    facts: Vec<Fact>,
    target: Option<W>,
}

#[async_trait]
impl Yard for FakeCharts {
    async fn add(&self, fact: Fact) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).facts.push(fact);
    }
}

impl FakeCharts {
    /// The peak that every depot keeps.
    pub fn keep_demand_at(&self, target: W) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).target = Some(target);
    }

    fn facts(&self) -> Vec<Fact> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).facts.clone()
    }

    fn sessions(&self, organisation: OrganisationId) -> Vec<SessionFact> {
        let session = |fact| if let Fact::Session(session) = fact { Some(session) } else { None };
        let mut sessions: Vec<_> = self.facts().into_iter().filter_map(session).collect();
        sessions.retain(|session| session.organisation == organisation);
        sessions.sort_by_key(|session| session.from);
        sessions
    }

    fn quarters(&self, organisation: OrganisationId, from: Timestamp, to: Timestamp) -> Vec<QuarterFact> {
        let quarter = |fact| if let Fact::Quarter(quarter) = fact { Some(quarter) } else { None };
        let mut quarters: Vec<_> = self.facts().into_iter().filter_map(quarter).collect();
        quarters
            .retain(|quarter| quarter.organisation == organisation && from <= quarter.at && quarter.at < to);
        quarters
    }

    /// The chargers that a meter is of, as they are now.
    fn chargers(&self, organisation: OrganisationId, meter: &Meter) -> BTreeMap<ChargePointId, W> {
        let charger = |fact| {
            let Fact::Charger(charger) = fact else { return None };
            let is_of = match meter {
                Meter::Depot(depot) => charger.depot == *depot,
                Meter::ChargePoint(id) => charger.id == *id,
                Meter::Circuits(circuits) => {
                    charger.circuit.is_some_and(|circuit| circuits.contains(&circuit))
                }
            };
            (is_of && charger.organisation == organisation).then_some((charger.id, charger.power))
        };
        self.facts().into_iter().filter_map(charger).collect()
    }
}

#[async_trait]
impl ChartReader for FakeCharts {
    async fn tree(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
    ) -> Result<Option<Topology>, StoreError> {
        let (mut found, mut circuits) = (None, Vec::new());
        for fact in self.facts() {
            match fact {
                Fact::Depot(known) if known.id == depot && known.organisation == organisation => {
                    found = Some(Arc::new(*known));
                }
                Fact::Circuit(circuit) if circuit.depot == depot => {
                    circuits.push(CircuitNode {
                        circuit: *circuit,
                        windows: Vec::new(),
                        externals: Vec::new(),
                    });
                }
                _ => {}
            }
        }
        Ok(found.map(|depot| Topology { depot, circuits: circuits.into(), loads: BTreeMap::new() }))
    }

    async fn charger(
        &self,
        organisation: OrganisationId,
        id: ChargePointId,
    ) -> Result<Option<ChargerPlace>, StoreError> {
        Ok(self.facts().into_iter().find_map(|fact| match fact {
            Fact::Charger(charger) if charger.id == id && charger.organisation == organisation => {
                Some(ChargerPlace { depot: charger.depot, name: charger.name })
            }
            _ => None,
        }))
    }

    async fn vehicle(
        &self,
        organisation: OrganisationId,
        id: VehicleId,
    ) -> Result<Option<VehiclePlace>, StoreError> {
        Ok(self.facts().into_iter().find_map(|fact| match fact {
            Fact::Vehicle(vehicle) if vehicle.id == id && vehicle.organisation == organisation => {
                Some(VehiclePlace { depot: vehicle.depot, name: vehicle.name, target: vehicle.target })
            }
            _ => None,
        }))
    }

    async fn capacity(&self, organisation: OrganisationId, meter: &Meter) -> Result<Capacity, StoreError> {
        let chargers = self.chargers(organisation, meter);
        let evses = u32::try_from(chargers.len()).unwrap_or(u32::MAX);
        Ok(Capacity { evses, power: chargers.into_values().sum() })
    }

    async fn demand_target(&self, _: OrganisationId, _: DepotId) -> Result<Option<W>, StoreError> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).target)
    }

    async fn quarter_sums(
        &self,
        organisation: OrganisationId,
        meter: &Meter,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<QuarterSum>, StoreError> {
        let chargers = self.chargers(organisation, meter);
        let mut sums: BTreeMap<Timestamp, QuarterSum> = BTreeMap::new();
        for quarter in self.quarters(organisation, from, to) {
            let is_of = match meter {
                Meter::Depot(depot) => quarter.depot == *depot,
                _ => chargers.contains_key(&quarter.charge_point),
            };
            if is_of {
                let nothing = QuarterSum { at: quarter.at, energy: Wh::ZERO, charging: 0 };
                let sum = sums.entry(quarter.at).or_insert(nothing);
                sum.energy += quarter.energy;
                sum.charging += u32::from(quarter.energy > Wh::ZERO);
            }
        }
        Ok(sums.into_values().collect())
    }

    async fn open_times(
        &self,
        organisation: OrganisationId,
        meter: &Meter,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Open>, StoreError> {
        let chargers = self.chargers(organisation, meter);
        let mut found: Vec<Open> = Vec::new();
        for session in self.sessions(organisation) {
            let is_of = match meter {
                Meter::Depot(depot) => session.depot == *depot,
                _ => chargers.contains_key(&session.charge_point),
            };
            let touches = session.from < to && session.to.is_none_or(|end| end > from);
            if !is_of || !touches || session.from < from - TimeDelta::days(7) {
                continue;
            }
            match found.last_mut() {
                Some(last) if last.to.is_none_or(|end| session.from <= end) => {
                    last.to = last.to.zip(session.to).map(|(a, b)| a.max(b));
                }
                _ => found.push(Open { from: session.from, to: session.to }),
            }
        }
        Ok(found)
    }

    async fn minute_means(
        &self,
        organisation: OrganisationId,
        meter: &Meter,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<MinuteMean>, StoreError> {
        let chargers = self.chargers(organisation, meter);
        let mut sums: BTreeMap<_, (i64, i64)> = BTreeMap::new();
        for fact in self.facts() {
            let Fact::Reading(read) = fact else { continue };
            let is_of = read.organisation == organisation && chargers.contains_key(&read.charge_point);
            if is_of && from <= read.at && read.at < to {
                let minute = read.at.duration_trunc(TimeDelta::minutes(1)).unwrap_or(read.at);
                let (sum, count) = sums.entry((minute, read.charge_point, read.connector)).or_default();
                *sum += read.power.get();
                *count += 1;
            }
        }
        let mean = |((at, charge_point, connector), (sum, count)): (_, (i64, i64))| MinuteMean {
            charge_point,
            connector,
            at,
            power: W(sum / count),
        };
        Ok(sums.into_iter().map(mean).collect())
    }

    async fn load_of_others(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<LoadOfOthers>, StoreError> {
        let tree = self.tree(organisation, depot).await?;
        let circuits: BTreeSet<_> =
            tree.iter().flat_map(|tree| tree.circuits.iter()).map(|node| node.circuit.id).collect();
        let mut sums: BTreeMap<_, (i64, i64)> = BTreeMap::new();
        for fact in self.facts() {
            let Fact::Load { circuit, at, power } = fact else { continue };
            if circuits.contains(&circuit) && from <= at && at < to {
                let (sum, count) = sums.entry((quarter_of(at), circuit)).or_default();
                *sum += power.get();
                *count += 1;
            }
        }
        let mean = |((at, circuit), (sum, count)): (_, (i64, i64))| LoadOfOthers {
            circuit,
            at,
            mean: W(sum / count),
        };
        Ok(sums.into_iter().map(mean).collect())
    }

    async fn planned(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Planned>, StoreError> {
        let slot = |fact| match fact {
            Fact::Slot { organisation: own, depot: of, at, power } => {
                let wanted = own == organisation && of == depot && from <= at && at < to;
                wanted.then_some(Planned { at, power })
            }
            _ => None,
        };
        let mut slots: Vec<Planned> = self.facts().into_iter().filter_map(slot).collect();
        slots.sort_by_key(|slot| slot.at);
        Ok(slots)
    }

    async fn soc_by_quarter(
        &self,
        organisation: OrganisationId,
        vehicle: VehicleId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<SocAt>, StoreError> {
        let quarters = self.quarters(organisation, from, to);
        let mut found = Vec::new();
        for session in self.sessions(organisation).iter().filter(|session| session.vehicle == Some(vehicle)) {
            let ends = [(Some(session.from), session.soc.0), (session.to, session.soc.1)];
            found.extend(ends.into_iter().filter_map(|(at, soc)| Some(SocAt { at: at?, soc: soc? })));
            let within = quarters.iter().filter(|quarter| {
                let place = (quarter.charge_point, quarter.connector);
                place == (session.charge_point, session.connector)
                    && session.from <= quarter.at
                    && session.to.is_none_or(|end| quarter.at + QUARTER <= end)
            });
            found.extend(within.filter_map(|quarter| Some(SocAt { at: quarter.at, soc: quarter.soc? })));
        }
        found.retain(|read| from <= read.at && read.at < to);
        found.sort_by_key(|read| read.at);
        Ok(found)
    }

    async fn soc_by_reading(
        &self,
        organisation: OrganisationId,
        vehicle: VehicleId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<SocAt>, StoreError> {
        let sessions = self.sessions(organisation).into_iter();
        let sessions: BTreeSet<_> =
            sessions.filter(|session| session.vehicle == Some(vehicle)).map(|session| session.id).collect();
        let read = |fact| {
            let Fact::Reading(read) = fact else { return None };
            let wanted = read.session.is_some_and(|session| sessions.contains(&session));
            Some(SocAt { at: read.at, soc: read.soc? }).filter(|_| wanted && from <= read.at && read.at < to)
        };
        let mut found: Vec<SocAt> = self.facts().into_iter().filter_map(read).collect();
        found.sort_by_key(|read| read.at);
        Ok(found)
    }

    async fn readiness_counts(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
        from: NaiveDate,
        to: NaiveDate,
    ) -> Result<Vec<ReadinessCount>, StoreError> {
        let mut counts: BTreeMap<(NaiveDate, RunOutcome), u32> = BTreeMap::new();
        for fact in self.facts() {
            let Fact::Run { organisation: own, depot: of, service_date, outcome } = fact else { continue };
            if own == organisation && of == depot && from <= service_date && service_date <= to {
                *counts.entry((service_date, outcome)).or_default() += 1;
            }
        }
        let counts = counts.into_iter();
        Ok(counts
            .map(|((service_date, outcome), runs)| ReadinessCount { service_date, outcome, runs })
            .collect())
    }
}
