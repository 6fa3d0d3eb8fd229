//! Having reports made again and again.

use kernel::{
    AuditVerb, Invalid, Page, PageRequest, Permission, Reach, ReportScheduleId, Scope, StoreError, Timestamp,
    Version,
};

use super::{
    ReportService,
    reach::{seen_of, sees_all},
};
use crate::{
    command::{ChangeSchedule, CreateSchedule, check_schedule},
    error::ReportError,
    event,
    model::Run,
    schedule::{Schedule, Timing},
};

const RESOURCE: &str = "report_schedule";

impl ReportService {
    /// # Errors
    /// [`ReportError::Invalid`] with every broken rule.
    pub async fn schedule_create(
        &self,
        scope: &Scope,
        command: CreateSchedule,
    ) -> Result<Schedule, ReportError> {
        let reach = scope.require(Permission::ReportWrite)?;
        let (organisation, now) = (scope.organisation(), self.clock.now());
        let mut schedule = Schedule {
            id: self.ids.uuid().into(),
            organisation,
            version: Version::FIRST,
            name: command.name,
            kind: command.kind,
            format: command.format,
            depots: command.depot.map(|depot| vec![depot]),
            cron: command.cron,
            timezone: command.timezone,
            period: command.period,
            catch_up: command.catch_up,
            paused: command.paused,
            next_at: None,
            created_by: scope.actor(),
            created_at: now,
            updated_at: now,
        };
        self.check(&reach, &mut schedule, now).await?;
        let mut tx = self.store.begin().await?;
        tx.reports().schedule_insert(&schedule).await?;
        let created = event::schedule(&*self.clock, &*self.ids, event::SCHEDULE_CREATED, &schedule);
        tx.outbox().append(created).await?;
        let entry = self.audit(scope, AuditVerb::Create, RESOURCE, schedule.id).after(&schedule);
        tx.audit().record(entry).await?;
        tx.commit().await?;
        Ok(schedule)
    }

    /// # Errors
    /// [`ReportError::NoSuchSchedule`] also for schedules of others.
    pub async fn schedule_get(&self, scope: &Scope, id: ReportScheduleId) -> Result<Schedule, ReportError> {
        let reach = scope.require(Permission::ReportRead)?;
        self.seen_schedule(&reach, id).await
    }

    /// A schedule whose depots the caller sees.
    async fn seen_schedule(&self, reach: &Reach, id: ReportScheduleId) -> Result<Schedule, ReportError> {
        let found = self.reader.schedule_get(reach.organisation(), id).await?;
        let schedule = found.ok_or(ReportError::NoSuchSchedule)?;
        sees_all(reach, schedule.depots.as_deref()).await?.ok_or(ReportError::NoSuchSchedule)?;
        Ok(schedule)
    }

    /// Oldest first. A page of a limited caller may be short though there are more.
    ///
    /// # Errors
    /// [`ReportError::Denied`] and store errors only.
    pub async fn schedule_list(
        &self,
        scope: &Scope,
        page: PageRequest,
    ) -> Result<Page<Schedule>, ReportError> {
        let reach = scope.require(Permission::ReportRead)?;
        let found = self.reader.schedule_list(scope.organisation(), page).await?;
        Ok(seen_of(&reach, found, |schedule| schedule.depots.as_deref()).await?)
    }

    /// Changes a schedule. Where its times change, or it goes on after a pause, the next time is the
    /// first after now: what passed meanwhile is not made up for.
    ///
    /// # Errors
    /// [`ReportError::NoSuchSchedule`]; [`ReportError::Invalid`]; [`StoreError::Stale`] for another
    /// version.
    pub async fn schedule_change(
        &self,
        scope: &Scope,
        id: ReportScheduleId,
        command: ChangeSchedule,
        expected: Option<Version>,
    ) -> Result<Schedule, ReportError> {
        let reach = scope.require(Permission::ReportWrite)?;
        let now = self.clock.now();
        let mut changed = self.seen_schedule(&reach, id).await?;
        let (before, read) = (changed.clone(), changed.version);
        if expected.is_some_and(|expected| expected != read) {
            return Err(StoreError::Stale.into());
        }
        command.apply(&mut changed);
        self.check(&reach, &mut changed, now).await?;
        let same_times = (&changed.cron, &changed.timezone) == (&before.cron, &before.timezone);
        if same_times && changed.paused == before.paused {
            changed.next_at = before.next_at;
        }
        changed.version = read.next();
        changed.updated_at = now;
        let mut tx = self.store.begin().await?;
        // A worker may have moved it on in between.
        tx.reports().schedule_update(&changed, read).await?;
        let event = event::schedule(&*self.clock, &*self.ids, event::SCHEDULE_CHANGED, &changed);
        tx.outbox().append(event).await?;
        let entry = self.audit(scope, AuditVerb::Update, RESOURCE, id).before(&before).after(&changed);
        tx.audit().record(entry).await?;
        tx.commit().await?;
        Ok(changed)
    }

    /// Ends a schedule. Its reports stay.
    ///
    /// # Errors
    /// [`ReportError::NoSuchSchedule`]; [`StoreError::Stale`] for another version.
    pub async fn schedule_delete(
        &self,
        scope: &Scope,
        id: ReportScheduleId,
        expected: Option<Version>,
    ) -> Result<(), ReportError> {
        let reach = scope.require(Permission::ReportWrite)?;
        self.seen_schedule(&reach, id).await?;
        let mut tx = self.store.begin().await?;
        let found = tx.reports().schedule_find(scope.organisation(), id).await?;
        let schedule = found.ok_or(ReportError::NoSuchSchedule)?;
        if expected.is_some_and(|expected| expected != schedule.version) {
            return Err(StoreError::Stale.into());
        }
        tx.reports().schedule_delete(&schedule).await?;
        let deleted = event::schedule(&*self.clock, &*self.ids, event::SCHEDULE_DELETED, &schedule);
        tx.outbox().append(deleted).await?;
        tx.audit().record(self.audit(scope, AuditVerb::Delete, RESOURCE, id).before(&schedule)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Has the report of a schedule made now, whether or not it is paused; its times stay as they are.
    ///
    /// # Errors
    /// [`ReportError::NoSuchSchedule`]; [`ReportError::TooMany`].
    pub async fn schedule_run(&self, scope: &Scope, id: ReportScheduleId) -> Result<Run, ReportError> {
        let reach = scope.require(Permission::ReportWrite)?;
        let now = self.clock.now();
        let schedule = self.seen_schedule(&reach, id).await?;
        let timing = schedule.timing(now)?;
        let run = schedule.run(&timing, now, None, self.ids.uuid().into(), scope.actor(), now);
        self.request(scope, run).await
    }

    async fn check(&self, reach: &Reach, schedule: &mut Schedule, now: Timestamp) -> Result<(), ReportError> {
        let mut invalid = Invalid::default();
        let timing = check_schedule(schedule, now, &mut invalid);
        self.check_depots(reach, schedule.depots.as_deref(), &mut invalid).await?;
        invalid.into_result()?;
        schedule.next_at = timing.filter(|_| !schedule.paused).and_then(|timing: Timing| timing.next(now));
        Ok(())
    }
}
