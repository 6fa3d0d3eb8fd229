//! Series as dispatchers keep them.

use chrono::Days;
use depot::Depot;
use kernel::{
    AuditVerb, Change, Invalid, Page, PageRequest, Permission, RunSeriesId, Scope, StoreError, Version,
};

use super::{DispatchService, RUN, ahead::Made};
use crate::{
    check::{check_series, check_vehicle},
    command::{ChangeSeries, CreateSeries},
    error::DispatchError,
    event,
    port::{DispatchTx, SeriesFilter},
    series::RunSeries,
};

const RESOURCE: &str = "run_series";

impl DispatchService {
    /// Keeps a series and makes its first runs.
    ///
    /// # Errors
    /// [`DispatchError::Invalid`] with every broken rule.
    pub async fn series_create(
        &self,
        scope: &Scope,
        command: CreateSeries,
    ) -> Result<(RunSeries, Made), DispatchError> {
        let reach = scope.require(Permission::DispatchWrite)?;
        let depot = self.known_depot(&reach, command.depot).await?;
        if let Some(vehicle) = command.duty.vehicle {
            self.check_vehicle_seen(&reach, depot.id, &Change::Set(vehicle)).await?;
        }
        let now = self.clock.now();
        let mut series = RunSeries {
            id: self.ids.uuid().into(),
            organisation: scope.organisation(),
            version: Version::FIRST,
            depot: depot.id,
            block: command.block,
            recurrence: command.recurrence,
            duty: command.duty,
            made_until: None,
            created_at: now,
            updated_at: now,
        };
        let mut invalid = Invalid::default();
        check_series(&mut series, &mut invalid);
        self.check_series_vehicle(&depot, &series, invalid).await?;

        let mut tx = self.store.begin().await?;
        tx.series().series_insert(&series).await?;
        tx.outbox().append(self.stamp().series(event::SERIES_CREATED, &series)).await?;
        tx.audit().record(self.audit(scope, AuditVerb::Create, RESOURCE, series.id).after(&series)).await?;
        let made = self.maker().make(&mut *tx, scope, &series, depot.time_zone, false).await?;
        tx.commit().await?;
        Ok((series, made))
    }

    /// # Errors
    /// [`DispatchError::NoSuchSeries`] also for series of others.
    pub async fn series_get(&self, scope: &Scope, id: RunSeriesId) -> Result<RunSeries, DispatchError> {
        scope.require(Permission::DispatchRead)?.sees(id).await?.ok_or(DispatchError::NoSuchSeries)?;
        self.roster.series_get(scope.organisation(), id).await?.ok_or(DispatchError::NoSuchSeries)
    }

    /// # Errors
    /// [`DispatchError::Denied`] and store errors only.
    pub async fn series_list(
        &self,
        scope: &Scope,
        filter: &SeriesFilter,
        page: PageRequest,
    ) -> Result<Page<RunSeries>, DispatchError> {
        let reach = scope.require(Permission::DispatchRead)?;
        Ok(self.roster.series_list(&reach, filter, page).await?)
    }

    /// Applies a merge patch, also to the runs to come that were neither changed by hand nor have
    /// departed: those on days that no longer count go, the others change, and missing ones are made.
    ///
    /// # Errors
    /// As [`Self::series_create`]; [`StoreError::Stale`] for another version.
    pub async fn series_change(
        &self,
        scope: &Scope,
        id: RunSeriesId,
        expected: Option<Version>,
        command: ChangeSeries,
    ) -> Result<(RunSeries, Made), DispatchError> {
        let reach = scope.require(Permission::DispatchWrite)?;
        reach.sees(id).await?.ok_or(DispatchError::NoSuchSeries)?;
        let seen = self.roster.series_get(scope.organisation(), id).await?;
        let seen = seen.ok_or(DispatchError::NoSuchSeries)?;
        self.check_vehicle_seen(&reach, seen.depot, &command.duty.vehicle).await?;
        let depot = self.known_depot(&scope.organisation().into(), seen.depot).await?;
        let mut tx = self.store.begin().await?;
        let before = find(&mut *tx, scope, id, expected).await?;
        let mut series = before.clone();
        command.apply(&mut series);
        let mut invalid = Invalid::default();
        check_series(&mut series, &mut invalid);
        series.version = before.version.next();
        series.updated_at = self.clock.now();
        self.check_series_vehicle(&depot, &series, invalid).await?;
        tx.series().series_update(&series, before.version).await?;
        tx.outbox().append(self.stamp().series(event::SERIES_CHANGED, &series)).await?;
        let entry = self.audit(scope, AuditVerb::Update, RESOURCE, id).before(&before).after(&series);
        tx.audit().record(entry).await?;
        let made = self.maker().make(&mut *tx, scope, &series, depot.time_zone, true).await?;
        tx.commit().await?;
        Ok((series, made))
    }

    /// Deletes a series and its runs to come that were neither changed by hand nor have departed. The
    /// others stay and belong to no series.
    ///
    /// # Errors
    /// [`DispatchError::NoSuchSeries`]; [`StoreError::Stale`] for another version.
    pub async fn series_delete(
        &self,
        scope: &Scope,
        id: RunSeriesId,
        expected: Option<Version>,
    ) -> Result<(), DispatchError> {
        scope.require(Permission::DispatchWrite)?.sees(id).await?.ok_or(DispatchError::NoSuchSeries)?;
        let organisation = scope.organisation();
        let mut tx = self.store.begin().await?;
        let series = find(&mut *tx, scope, id, expected).await?;
        let yesterday = self.clock.now().date_naive() - Days::new(1);
        let mut runs = tx.roster().runs_of_series(organisation, id, yesterday).await?;
        runs.retain(|run| self.maker().may_change(run));
        let gone: Vec<_> = runs.iter().map(|run| run.id).collect();
        tx.roster().runs_delete(organisation, &gone).await?;
        tx.series().series_delete(&series).await?;
        let events = runs.iter().map(|run| self.stamp().run(event::RUN_DELETED, run)).collect();
        tx.outbox().append_all(events).await?;
        tx.outbox().append(self.stamp().series(event::SERIES_DELETED, &series)).await?;
        let entry = |run: &crate::Run| self.audit(scope, AuditVerb::Delete, RUN, run.id).before(run);
        tx.audit().record_all(runs.iter().map(entry).collect()).await?;
        tx.audit().record(self.audit(scope, AuditVerb::Delete, RESOURCE, id).before(&series)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Checks whether the vehicle of a series can ever run it. `invalid` is what is known to be wrong
    /// already. It is not read for change: when runs are made, it is looked at again.
    async fn check_series_vehicle(
        &self,
        depot: &Depot,
        series: &RunSeries,
        mut invalid: Invalid,
    ) -> Result<(), DispatchError> {
        if let Some(vehicle) = series.duty.vehicle {
            let known = self.fleet.vehicles_named(&series.organisation.into(), &[vehicle], &[]).await?;
            match known.first() {
                Some(vehicle) if invalid.errors.is_empty() => {
                    let date = series.recurrence.from;
                    let run = self.maker().run_on(series, date, depot.time_zone);
                    check_vehicle(&run, vehicle, &mut invalid);
                }
                Some(_) => {}
                None => invalid.push("/vehicle_id", "unknown_vehicle", "no such vehicle"),
            }
        }
        Ok(invalid.into_result()?)
    }
}

/// Reads a series for change.
async fn find(
    tx: &mut dyn DispatchTx,
    scope: &Scope,
    id: RunSeriesId,
    expected: Option<Version>,
) -> Result<RunSeries, DispatchError> {
    let found = tx.series().series_find(scope.organisation(), id).await?;
    let series = found.ok_or(DispatchError::NoSuchSeries)?;
    if expected.is_some_and(|expected| expected != series.version) {
        return Err(StoreError::Stale.into());
    }
    Ok(series)
}
