//! Runs as dispatchers keep them.

use chrono::TimeDelta;
use kernel::{AuditVerb, Change, Invalid, Page, PageRequest, Permission, RunId, Scope, StoreError, Version};

use super::{DispatchService, RUN, check_assignment};
use crate::{
    check::check_run,
    command::{ChangeRun, CreateRun},
    error::DispatchError,
    event,
    model::{Run, RunState},
    port::{DispatchTx, RunFilter},
    readiness::Readiness,
};

/// Days without a run are forgotten once they are this long over.
const EXCEPTIONS_KEPT: TimeDelta = TimeDelta::days(7);

impl DispatchService {
    /// # Errors
    /// [`DispatchError::Invalid`] with every broken rule; [`DispatchError::BlockTaken`];
    /// [`DispatchError::Overlap`] with the run that the vehicle is on.
    pub async fn run_create(&self, scope: &Scope, command: CreateRun) -> Result<Run, DispatchError> {
        let reach = scope.require(Permission::DispatchWrite)?;
        let depot = self.known_depot(&reach, command.depot).await?;
        if let Some(vehicle) = command.duty.vehicle {
            self.check_vehicle_seen(&reach, depot.id, &Change::Set(vehicle)).await?;
        }
        let now = self.clock.now();
        let day = command.departure_at.with_timezone(&depot.time_zone.tz()).date_naive();
        let duty = command.duty;
        let mut run = Run {
            id: self.ids.uuid().into(),
            organisation: scope.organisation(),
            version: Version::FIRST,
            depot: depot.id,
            service_date: command.service_date.unwrap_or(day),
            block: command.block,
            departure_at: command.departure_at,
            arrival_at: command.arrival_at,
            distance_m: duty.distance_m,
            energy_required: duty.energy_required,
            required_soc: duty.required_soc,
            minimum_soc: duty.minimum_soc,
            vehicle: duty.vehicle,
            vehicle_class: duty.vehicle_class,
            priority_level: duty.priority_level,
            series: None,
            series_date: None,
            by_hand: true,
            state: RunState::Planned,
            departed_at: None,
            readiness: Readiness::unjudged(duty.vehicle.is_some()),
            created_at: now,
            updated_at: now,
        };
        let mut invalid = Invalid::default();
        check_run(&mut run, &mut invalid);

        let mut tx = self.store.begin().await?;
        check_assignment(&mut *tx, &run, invalid).await?;
        tx.roster().runs_put(std::slice::from_ref(&run)).await?;
        tx.outbox().append(self.stamp().run(event::RUN_CREATED, &run)).await?;
        tx.audit().record(self.audit(scope, AuditVerb::Create, RUN, run.id).after(&run)).await?;
        tx.commit().await?;
        Ok(run)
    }

    /// # Errors
    /// [`DispatchError::NoSuchRun`] also for runs of others.
    pub async fn run_get(&self, scope: &Scope, id: RunId) -> Result<Run, DispatchError> {
        scope.require(Permission::DispatchRead)?.sees(id).await?.ok_or(DispatchError::NoSuchRun)?;
        self.roster.run_get(scope.organisation(), id).await?.ok_or(DispatchError::NoSuchRun)
    }

    /// Runs by departure.
    ///
    /// # Errors
    /// [`DispatchError::Denied`] and store errors only.
    pub async fn run_list(
        &self,
        scope: &Scope,
        filter: &RunFilter,
        page: PageRequest,
    ) -> Result<Page<Run>, DispatchError> {
        let reach = scope.require(Permission::DispatchRead)?;
        Ok(self.roster.run_list(&reach, filter, page).await?)
    }

    /// Applies a merge patch. Of a run that has departed only the arrival may change. A run that is
    /// changed is no longer changed by its series, and what was foretold of it is forgotten where it
    /// no longer holds.
    ///
    /// # Errors
    /// As [`Self::run_create`]; [`DispatchError::Departed`], [`DispatchError::Cancelled`];
    /// [`StoreError::Stale`] for another version.
    pub async fn run_change(
        &self,
        scope: &Scope,
        id: RunId,
        expected: Option<Version>,
        command: ChangeRun,
    ) -> Result<Run, DispatchError> {
        let reach = scope.require(Permission::DispatchWrite)?;
        reach.sees(id).await?.ok_or(DispatchError::NoSuchRun)?;
        if let Some(depot) = command.depot {
            self.known_depot(&reach, depot).await?;
        }
        if reach.limited_to().is_some() {
            let seen = self.roster.run_get(scope.organisation(), id).await?;
            let depot = command.depot.or(seen.map(|run| run.depot)).ok_or(DispatchError::NoSuchRun)?;
            self.check_vehicle_seen(&reach, depot, &command.duty.vehicle).await?;
        }
        let mut tx = self.store.begin().await?;
        let before = find(&mut *tx, scope, id, expected).await?;
        match before.state {
            RunState::Planned => {}
            RunState::Departed if command.only_arrival() => {}
            RunState::Departed => return Err(DispatchError::Departed),
            RunState::Cancelled => return Err(DispatchError::Cancelled),
        }
        let mut run = before.clone();
        command.apply(&mut run);
        let mut invalid = Invalid::default();
        check_run(&mut run, &mut invalid);
        if run.departed_at.is_some_and(|departed| run.arrival_at <= departed) {
            invalid.push("/arrival_at", "out_of_order", "must lie after the departure");
        }
        check_assignment(&mut *tx, &run, invalid).await?;
        run.by_hand = true;
        run.version = before.version.next();
        run.updated_at = self.clock.now();
        if run.state == RunState::Planned && run.foretells_otherwise(&before) {
            run.readiness = Readiness::unjudged(run.vehicle.is_some());
        }
        tx.roster().runs_put(std::slice::from_ref(&run)).await?;
        tx.outbox().append(self.stamp().run(event::RUN_CHANGED, &run)).await?;
        let entry = self.audit(scope, AuditVerb::Update, RUN, id).before(&before).after(&run);
        tx.audit().record(entry).await?;
        tx.commit().await?;
        Ok(run)
    }

    /// Deletes a run that has not departed. Its series does not make it again: the day becomes one of
    /// its exceptions.
    ///
    /// # Errors
    /// [`DispatchError::NoSuchRun`]; [`DispatchError::Departed`]; [`StoreError::Stale`] for another
    /// version.
    pub async fn run_delete(
        &self,
        scope: &Scope,
        id: RunId,
        expected: Option<Version>,
    ) -> Result<(), DispatchError> {
        scope.require(Permission::DispatchWrite)?.sees(id).await?.ok_or(DispatchError::NoSuchRun)?;
        let organisation = scope.organisation();
        let seen = self.roster.run_get(organisation, id).await?.ok_or(DispatchError::NoSuchRun)?;
        let mut tx = self.store.begin().await?;
        // Series before runs, as everybody reads them for change.
        let series = match seen.series {
            Some(series) => tx.series().series_find(organisation, series).await?,
            None => None,
        };
        let run = find(&mut *tx, scope, id, expected).await?;
        if run.state == RunState::Departed {
            return Err(DispatchError::Departed);
        }
        if let (Some(before), Some(date)) = (series, run.series_date) {
            let oldest = (self.clock.now() - EXCEPTIONS_KEPT).date_naive();
            let mut series = before.clone();
            series.recurrence.except.retain(|date| *date >= oldest);
            series.recurrence.except.insert(date);
            series.version = before.version.next();
            series.updated_at = self.clock.now();
            tx.series().series_update(&series, before.version).await?;
            tx.outbox().append(self.stamp().series(event::SERIES_CHANGED, &series)).await?;
            let entry = self.audit(scope, AuditVerb::Update, "run_series", series.id);
            tx.audit().record(entry.before(&before).after(&series)).await?;
        }
        tx.roster().runs_delete(organisation, &[id]).await?;
        tx.outbox().append(self.stamp().run(event::RUN_DELETED, &run)).await?;
        tx.audit().record(self.audit(scope, AuditVerb::Delete, RUN, id).before(&run)).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Reads a run for change.
pub(super) async fn find(
    tx: &mut dyn DispatchTx,
    scope: &Scope,
    id: RunId,
    expected: Option<Version>,
) -> Result<Run, DispatchError> {
    let run = tx.runs().run_find(scope.organisation(), id).await?.ok_or(DispatchError::NoSuchRun)?;
    if expected.is_some_and(|expected| expected != run.version) {
        return Err(StoreError::Stale.into());
    }
    Ok(run)
}
