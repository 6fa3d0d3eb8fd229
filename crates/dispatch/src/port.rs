//! What this domain needs of a store.

use async_trait::async_trait;
use chrono::NaiveDate;
use depot::Depot;
use kernel::{
    Commit, DepotId, HasAudit, HasOutbox, OrganisationId, Page, PageRequest, Reach, RunId, RunSeriesId,
    StoreError, Timestamp, VehicleId, Version,
};
use vehicle::Vehicle;

use crate::{
    model::{Run, RunKey, RunState},
    readiness::{Readiness, ReadinessState},
    series::RunSeries,
};

/// Runs within a unit of work, for whoever foretells what becomes of them. Rows of other
/// organisations do not exist for it.
#[async_trait]
pub trait RunRepository: Send {
    /// Reads the row for change.
    async fn run_find(&mut self, organisation: OrganisationId, id: RunId) -> Result<Option<Run>, StoreError>;

    /// Reads those among `ids` that exist for change, by their ids.
    async fn runs_find(
        &mut self,
        organisation: OrganisationId,
        ids: &[RunId],
    ) -> Result<Vec<Run>, StoreError> {
        let (mut ids, mut found) = (ids.to_vec(), Vec::new());
        ids.sort_unstable();
        ids.dedup();
        for id in ids {
            found.extend(self.run_find(organisation, id).await?);
        }
        Ok(found)
    }

    /// Keeps what was found of runs, beside their versions: those that are gone are left out.
    async fn readiness_save(
        &mut self,
        organisation: OrganisationId,
        found: &[(RunId, Readiness)],
    ) -> Result<(), StoreError>;
}

pub trait HasRuns: Send {
    fn runs(&mut self) -> &mut dyn RunRepository;
}

/// Runs within a unit of work, for whoever keeps them. Whatever is read for change is read in this
/// order, so that nobody waits for each other: series, runs, vehicles.
#[async_trait]
pub trait RosterRepository: Send {
    /// Reads those among `keys` that exist for change, by their ids.
    async fn runs_by_key(
        &mut self,
        organisation: OrganisationId,
        keys: &[RunKey],
    ) -> Result<Vec<Run>, StoreError>;

    /// Reads the runs that a series made for days from `from` on for change, by those days.
    async fn runs_of_series(
        &mut self,
        organisation: OrganisationId,
        series: RunSeriesId,
        from: NaiveDate,
    ) -> Result<Vec<Run>, StoreError>;

    /// Reads those among `ids` that exist for change, by their ids: until the unit of work ends,
    /// nobody else gives them runs.
    async fn vehicles_hold(
        &mut self,
        organisation: OrganisationId,
        ids: &[VehicleId],
    ) -> Result<Vec<Vehicle>, StoreError>;

    /// Runs of vehicles that are not cancelled and on the road between two instants, by departure.
    async fn runs_of_vehicles(
        &mut self,
        organisation: OrganisationId,
        vehicles: &[VehicleId],
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Run>, StoreError>;

    /// Adds runs, and replaces those that were read for change. [`StoreError::Duplicate`] with rule
    /// `block`.
    async fn runs_put(&mut self, runs: &[Run]) -> Result<(), StoreError>;

    /// Deletes runs that were read for change.
    async fn runs_delete(&mut self, organisation: OrganisationId, ids: &[RunId]) -> Result<(), StoreError>;
}

pub trait HasRoster: Send {
    fn roster(&mut self) -> &mut dyn RosterRepository;
}

/// Series within a unit of work.
#[async_trait]
pub trait SeriesRepository: Send {
    async fn series_insert(&mut self, series: &RunSeries) -> Result<(), StoreError>;

    /// Reads the row for change: its runs are made by one at a time.
    async fn series_find(
        &mut self,
        organisation: OrganisationId,
        id: RunSeriesId,
    ) -> Result<Option<RunSeries>, StoreError>;

    /// Stores everything where the stored version is still `read`; else [`StoreError::Stale`].
    async fn series_update(&mut self, series: &RunSeries, read: Version) -> Result<(), StoreError>;

    /// Notes up to which day its runs have been made, beside the version.
    async fn series_made(
        &mut self,
        organisation: OrganisationId,
        id: RunSeriesId,
        until: NaiveDate,
    ) -> Result<(), StoreError>;

    /// Deletes the row where its version is still the one given; else [`StoreError::Stale`]. Its
    /// runs stay and belong to no series.
    async fn series_delete(&mut self, series: &RunSeries) -> Result<(), StoreError>;
}

pub trait HasSeries: Send {
    fn series(&mut self) -> &mut dyn SeriesRepository;
}

/// What [`crate::record_readiness`] needs of the caller's unit of work.
pub trait ReadinessWork: HasRuns + HasOutbox {}
impl<T: HasRuns + HasOutbox> ReadinessWork for T {}

/// The unit of work of this domain's use cases.
pub trait DispatchTx: ReadinessWork + HasRoster + HasSeries + HasAudit + Commit {}
impl<T: ReadinessWork + HasRoster + HasSeries + HasAudit + Commit> DispatchTx for T {}

/// Reads outside a unit of work.
#[async_trait]
pub trait RunReader: Send + Sync {
    /// Runs of a depot that are not cancelled and depart from `from` until before `to`, departed ones
    /// included, by their departure.
    async fn runs_departing(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Run>, StoreError>;
}

#[derive(Clone, Debug, Default)]
pub struct RunFilter {
    pub depot: Option<DepotId>,
    pub vehicle: Option<VehicleId>,
    pub service_date: Option<NaiveDate>,
    /// Departing at or after this instant.
    pub from: Option<Timestamp>,
    /// Departing before this instant.
    pub to: Option<Timestamp>,
    pub readiness: Option<ReadinessState>,
    pub state: Option<RunState>,
    pub block: Option<String>,
    /// With or without a vehicle.
    pub unassigned: Option<bool>,
    pub series: Option<RunSeriesId>,
}

#[derive(Clone, Debug, Default)]
pub struct SeriesFilter {
    pub depot: Option<DepotId>,
    pub vehicle: Option<VehicleId>,
}

/// Runs and series as they are listed.
#[async_trait]
pub trait RosterReader: Send + Sync {
    async fn run_get(&self, organisation: OrganisationId, id: RunId) -> Result<Option<Run>, StoreError>;

    /// By departure, in one query.
    async fn run_list(
        &self,
        reach: &Reach,
        filter: &RunFilter,
        page: PageRequest,
    ) -> Result<Page<Run>, StoreError>;

    /// Runs of vehicles that are not cancelled and on the road between two instants, by departure.
    async fn runs_on_road(
        &self,
        organisation: OrganisationId,
        vehicles: &[VehicleId],
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Run>, StoreError>;

    async fn series_get(
        &self,
        organisation: OrganisationId,
        id: RunSeriesId,
    ) -> Result<Option<RunSeries>, StoreError>;

    /// Oldest first.
    async fn series_list(
        &self,
        reach: &Reach,
        filter: &SeriesFilter,
        page: PageRequest,
    ) -> Result<Page<RunSeries>, StoreError>;

    /// Series of every organisation that may still have runs on or after `today` and whose runs
    /// have not been made up to `until`, at most `limit`, those behind the most first.
    async fn series_behind(
        &self,
        today: NaiveDate,
        until: NaiveDate,
        limit: u16,
    ) -> Result<Vec<(OrganisationId, RunSeriesId)>, StoreError>;
}

/// What the tables of other domains know of depots and vehicles.
#[async_trait]
pub trait Fleet: Send + Sync {
    /// One depot, or all within reach.
    async fn depots(&self, reach: &Reach, id: Option<DepotId>) -> Result<Vec<Depot>, StoreError>;

    /// Vehicles within reach by their ids and by their fleet numbers, in no order.
    async fn vehicles_named(
        &self,
        reach: &Reach,
        ids: &[VehicleId],
        fleet_numbers: &[String],
    ) -> Result<Vec<Vehicle>, StoreError>;

    /// The vehicles at home in a depot, in service or not, by their ids.
    async fn vehicles_at_home(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
    ) -> Result<Vec<Vehicle>, StoreError>;
}
