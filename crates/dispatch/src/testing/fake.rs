//! The ports over maps: a unit of work is a copy that replaces the original when it commits.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};

use async_trait::async_trait;
use chrono::NaiveDate;
use depot::Depot;
use kernel::{
    AuditEntry, AuditLog, Begin, Commit, DepotId, Event, HasAudit, HasOutbox, OrganisationId, Outbox, RunId,
    RunSeriesId, StoreError, Timestamp, VehicleId, Version,
};
use vehicle::Vehicle;

use super::Yard;
use crate::{
    model::{Run, RunKey, RunState},
    port::{DispatchTx, HasRoster, HasRuns, HasSeries, RosterRepository, RunRepository, SeriesRepository},
    readiness::Readiness,
    series::RunSeries,
};

#[derive(Clone, Debug, Default)]
pub(super) struct State {
    pub(super) depots: BTreeMap<DepotId, Depot>,
    pub(super) vehicles: BTreeMap<VehicleId, Vehicle>,
    pub(super) runs: BTreeMap<RunId, Run>,
    pub(super) series: BTreeMap<RunSeriesId, RunSeries>,
    events: Vec<Event>,
    audit: Vec<AuditEntry>,
}

/// A store in memory. Clones share their content.
#[derive(Clone, Debug, Default)]
pub struct FakeDispatch(Arc<Mutex<State>>);

impl FakeDispatch {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no test panics while holding the state")
    }

    /// The events that became durable, in order.
    pub fn events(&self) -> Vec<Event> {
        self.state().events.clone()
    }

    /// Their names.
    pub fn event_names(&self) -> Vec<String> {
        self.state().events.iter().map(|event| event.name.to_string()).collect()
    }

    pub fn audit(&self) -> Vec<AuditEntry> {
        self.state().audit.clone()
    }

    /// All runs by departure.
    pub fn all_runs(&self) -> Vec<Run> {
        let mut runs: Vec<_> = self.state().runs.values().cloned().collect();
        runs.sort_by_key(|run| (run.departure_at, run.id));
        runs
    }
}

#[async_trait]
impl Yard for FakeDispatch {
    async fn add_depot(&self, depot: &Depot) {
        self.state().depots.insert(depot.id, depot.clone());
    }

    async fn add_vehicle(&self, vehicle: &Vehicle) {
        self.state().vehicles.insert(vehicle.id, vehicle.clone());
    }
}

struct FakeTx {
    store: FakeDispatch,
    state: State,
}

#[async_trait]
impl Begin<dyn DispatchTx> for FakeDispatch {
    async fn begin(&self) -> Result<Box<dyn DispatchTx>, StoreError> {
        Ok(Box::new(FakeTx { store: self.clone(), state: self.state().clone() }))
    }
}

#[async_trait]
impl Commit for FakeTx {
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        *self.store.state() = self.state;
        Ok(())
    }
}

macro_rules! has {
    ($($has:ident . $name:ident -> $port:ident),* $(,)?) => {$(
        impl $has for FakeTx {
            fn $name(&mut self) -> &mut dyn $port {
                self
            }
        }
    )*};
}

has! {
    HasRuns.runs -> RunRepository,
    HasRoster.roster -> RosterRepository,
    HasSeries.series -> SeriesRepository,
    HasOutbox.outbox -> Outbox,
    HasAudit.audit -> AuditLog,
}

#[async_trait]
impl Outbox for FakeTx {
    async fn append(&mut self, event: Event) -> Result<(), StoreError> {
        self.state.events.push(event);
        Ok(())
    }
}

#[async_trait]
impl AuditLog for FakeTx {
    async fn record(&mut self, entry: AuditEntry) -> Result<(), StoreError> {
        self.state.audit.push(entry);
        Ok(())
    }
}

impl State {
    pub(super) fn on_road(
        &self,
        organisation: OrganisationId,
        vehicles: &[VehicleId],
        from: Timestamp,
        to: Timestamp,
    ) -> Vec<Run> {
        let of = |run: &&Run| {
            run.organisation == organisation
                && run.state != RunState::Cancelled
                && run.vehicle.is_some_and(|vehicle| vehicles.contains(&vehicle))
                && run.departure_at < to
                && run.arrival_at > from
        };
        let mut runs: Vec<_> = self.runs.values().filter(of).cloned().collect();
        runs.sort_by_key(|run| (run.departure_at, run.id));
        runs
    }
}

#[async_trait]
impl RunRepository for FakeTx {
    async fn run_find(&mut self, organisation: OrganisationId, id: RunId) -> Result<Option<Run>, StoreError> {
        Ok(self.state.runs.get(&id).filter(|run| run.organisation == organisation).cloned())
    }

    async fn readiness_save(
        &mut self,
        organisation: OrganisationId,
        found: &[(RunId, Readiness)],
    ) -> Result<(), StoreError> {
        for (id, readiness) in found {
            if let Some(run) = self.state.runs.get_mut(id).filter(|run| run.organisation == organisation) {
                run.readiness = readiness.clone();
            }
        }
        Ok(())
    }
}

#[async_trait]
impl RosterRepository for FakeTx {
    async fn runs_by_key(
        &mut self,
        organisation: OrganisationId,
        keys: &[RunKey],
    ) -> Result<Vec<Run>, StoreError> {
        let wanted = |run: &&Run| run.organisation == organisation && keys.contains(&run.key());
        Ok(self.state.runs.values().filter(wanted).cloned().collect())
    }

    async fn runs_of_series(
        &mut self,
        organisation: OrganisationId,
        series: RunSeriesId,
        from: NaiveDate,
    ) -> Result<Vec<Run>, StoreError> {
        let of = |run: &&Run| {
            run.organisation == organisation
                && run.series == Some(series)
                && run.series_date.is_some_and(|date| date >= from)
        };
        let mut runs: Vec<_> = self.state.runs.values().filter(of).cloned().collect();
        runs.sort_by_key(|run| run.series_date);
        Ok(runs)
    }

    async fn vehicles_hold(
        &mut self,
        organisation: OrganisationId,
        ids: &[VehicleId],
    ) -> Result<Vec<Vehicle>, StoreError> {
        let held = self.state.vehicles.values();
        let held = held.filter(|vehicle| vehicle.organisation == organisation && ids.contains(&vehicle.id));
        Ok(held.cloned().collect())
    }

    async fn runs_of_vehicles(
        &mut self,
        organisation: OrganisationId,
        vehicles: &[VehicleId],
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Run>, StoreError> {
        Ok(self.state.on_road(organisation, vehicles, from, to))
    }

    async fn runs_put(&mut self, runs: &[Run]) -> Result<(), StoreError> {
        for run in runs {
            let same = |other: &Run| {
                other.id != run.id && other.organisation == run.organisation && other.key() == run.key()
            };
            if self.state.runs.values().any(same) {
                return Err(StoreError::Duplicate { rule: "block".into() });
            }
            self.state.runs.insert(run.id, run.clone());
        }
        Ok(())
    }

    async fn runs_delete(&mut self, organisation: OrganisationId, ids: &[RunId]) -> Result<(), StoreError> {
        self.state.runs.retain(|id, run| run.organisation != organisation || !ids.contains(id));
        Ok(())
    }
}

#[async_trait]
impl SeriesRepository for FakeTx {
    async fn series_insert(&mut self, series: &RunSeries) -> Result<(), StoreError> {
        self.state.series.insert(series.id, series.clone());
        Ok(())
    }

    async fn series_find(
        &mut self,
        organisation: OrganisationId,
        id: RunSeriesId,
    ) -> Result<Option<RunSeries>, StoreError> {
        Ok(self.state.series.get(&id).filter(|series| series.organisation == organisation).cloned())
    }

    async fn series_update(&mut self, series: &RunSeries, read: Version) -> Result<(), StoreError> {
        match self.state.series.get_mut(&series.id) {
            Some(row) if row.version == read => {
                *row = RunSeries { made_until: row.made_until, ..series.clone() };
                Ok(())
            }
            _ => Err(StoreError::Stale),
        }
    }

    async fn series_made(
        &mut self,
        organisation: OrganisationId,
        id: RunSeriesId,
        until: NaiveDate,
    ) -> Result<(), StoreError> {
        let row = self.state.series.get_mut(&id).filter(|series| series.organisation == organisation);
        if let Some(row) = row {
            row.made_until = Some(until);
        }
        Ok(())
    }

    async fn series_delete(&mut self, series: &RunSeries) -> Result<(), StoreError> {
        if self.state.series.get(&series.id).is_none_or(|row| row.version != series.version) {
            return Err(StoreError::Stale);
        }
        self.state.series.remove(&series.id);
        for run in self.state.runs.values_mut().filter(|run| run.series == Some(series.id)) {
            run.series = None;
        }
        Ok(())
    }
}
