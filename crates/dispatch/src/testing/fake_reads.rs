//! What is read of the store in memory outside a unit of work.

use async_trait::async_trait;
use chrono::NaiveDate;
use depot::Depot;
use kernel::{
    Cursor, DepotId, OrganisationId, Page, PageRequest, Reach, RunId, RunSeriesId, StoreError, Timestamp,
    VehicleId,
};
use vehicle::Vehicle;

use super::FakeDispatch;
use crate::{
    model::{Run, RunState},
    port::{Fleet, RosterReader, RunFilter, RunReader, SeriesFilter},
    series::RunSeries,
};

impl RunFilter {
    fn takes(&self, run: &Run) -> bool {
        self.depot.is_none_or(|depot| run.depot == depot)
            && self.vehicle.is_none_or(|vehicle| run.vehicle == Some(vehicle))
            && self.service_date.is_none_or(|date| run.service_date == date)
            && self.from.is_none_or(|from| run.departure_at >= from)
            && self.to.is_none_or(|to| run.departure_at < to)
            && self.readiness.is_none_or(|state| run.readiness.state == state)
            && self.state.is_none_or(|state| run.state == state)
            && self.block.as_ref().is_none_or(|block| run.block == *block)
            && self.unassigned.is_none_or(|unassigned| run.vehicle.is_none() == unassigned)
            && self.series.is_none_or(|series| run.series == Some(series))
    }
}

#[async_trait]
impl RunReader for FakeDispatch {
    async fn runs_departing(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Run>, StoreError> {
        let filter = RunFilter { depot: Some(depot), from: Some(from), to: Some(to), ..RunFilter::default() };
        let mut runs = self.all_runs();
        runs.retain(|run| {
            run.organisation == organisation && run.state != RunState::Cancelled && filter.takes(run)
        });
        Ok(runs)
    }
}

#[async_trait]
impl RosterReader for FakeDispatch {
    async fn run_get(&self, organisation: OrganisationId, id: RunId) -> Result<Option<Run>, StoreError> {
        Ok(self.state().runs.get(&id).filter(|run| run.organisation == organisation).cloned())
    }

    async fn run_list(
        &self,
        reach: &Reach,
        filter: &RunFilter,
        page: PageRequest,
    ) -> Result<Page<Run>, StoreError> {
        let mut runs = self.all_runs();
        runs.retain(|run| {
            run.organisation == reach.organisation()
                && filter.takes(run)
                && page
                    .after
                    .is_none_or(|after| (Some(run.departure_at), run.id.as_uuid()) > (after.at, after.id))
        });
        let runs = reach.keep(runs, |run| run.id).await?;
        Ok(Page::from_surplus(runs, page.limit, |run| Cursor::at(run.departure_at, run.id)))
    }

    async fn runs_on_road(
        &self,
        organisation: OrganisationId,
        vehicles: &[VehicleId],
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Run>, StoreError> {
        Ok(self.state().on_road(organisation, vehicles, from, to))
    }

    async fn series_get(
        &self,
        organisation: OrganisationId,
        id: RunSeriesId,
    ) -> Result<Option<RunSeries>, StoreError> {
        Ok(self.state().series.get(&id).filter(|series| series.organisation == organisation).cloned())
    }

    async fn series_list(
        &self,
        reach: &Reach,
        filter: &SeriesFilter,
        page: PageRequest,
    ) -> Result<Page<RunSeries>, StoreError> {
        let takes = |series: &&RunSeries| {
            series.organisation == reach.organisation()
                && filter.depot.is_none_or(|depot| series.depot == depot)
                && filter.vehicle.is_none_or(|vehicle| series.duty.vehicle == Some(vehicle))
                && page.after.is_none_or(|after| series.id.as_uuid() > after.id)
        };
        let rows = self.state().series.values().filter(takes).cloned().collect();
        let rows = reach.keep(rows, |series: &RunSeries| series.id).await?;
        Ok(Page::from_surplus(rows, page.limit, |series| Cursor::of(series.id)))
    }

    async fn series_behind(
        &self,
        today: NaiveDate,
        until: NaiveDate,
        limit: u16,
    ) -> Result<Vec<(OrganisationId, RunSeriesId)>, StoreError> {
        let state = self.state();
        let behind = state.series.values().filter(|series| {
            series.made_until.is_none_or(|made| made < until)
                && series.recurrence.until.is_none_or(|last| last >= today)
        });
        let mut behind: Vec<_> = behind.collect();
        behind.sort_by_key(|series| (series.made_until, series.id));
        let some = behind.into_iter().take(limit.into());
        Ok(some.map(|series| (series.organisation, series.id)).collect())
    }
}

#[async_trait]
impl Fleet for FakeDispatch {
    async fn depots(&self, reach: &Reach, id: Option<DepotId>) -> Result<Vec<Depot>, StoreError> {
        let asked =
            |depot: &&Depot| depot.organisation == reach.organisation() && id.is_none_or(|id| depot.id == id);
        let depots = self.state().depots.values().filter(asked).cloned().collect();
        reach.keep(depots, |depot: &Depot| depot.id).await
    }

    async fn vehicles_named(
        &self,
        reach: &Reach,
        ids: &[VehicleId],
        fleet_numbers: &[String],
    ) -> Result<Vec<Vehicle>, StoreError> {
        let named = |vehicle: &&Vehicle| {
            vehicle.organisation == reach.organisation()
                && (ids.contains(&vehicle.id) || fleet_numbers.contains(&vehicle.fleet_number))
        };
        let vehicles = self.state().vehicles.values().filter(named).cloned().collect();
        reach.keep(vehicles, |vehicle: &Vehicle| vehicle.id).await
    }

    async fn vehicles_at_home(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
    ) -> Result<Vec<Vehicle>, StoreError> {
        let state = self.state();
        let home = state.vehicles.values();
        let home = home.filter(|v| v.organisation == organisation && v.depot == Some(depot));
        Ok(home.cloned().collect())
    }
}
