//! Having reports made.

use chrono::TimeDelta;
use kernel::{AuditVerb, Invalid, Page, PageRequest, Permission, Reach, ReportRunId, Scope};

use super::{
    ReportService,
    reach::{seen_of, sees_all},
};
use crate::{
    command::CreateRun,
    error::ReportError,
    event,
    model::{Run, RunState},
    port::RunFilter,
};

const RESOURCE: &str = "report_run";
/// For how long a link to a file is good.
const LINK: TimeDelta = TimeDelta::minutes(15);
/// Runs that an organisation may have waiting or being made.
pub const MOST_UNDER_WAY: u64 = 50;

/// A run as it is shown: with a link where there is a file.
#[derive(Clone, Debug)]
pub struct ShownRun {
    pub run: Run,
    pub download_url: Option<String>,
}

impl ReportService {
    /// Has a report made by whichever worker is free.
    ///
    /// # Errors
    /// [`ReportError::Invalid`] with every broken rule; [`ReportError::TooMany`].
    pub async fn run_create(&self, scope: &Scope, command: CreateRun) -> Result<Run, ReportError> {
        let reach = scope.require(Permission::ReportWrite)?;
        let (organisation, now) = (scope.organisation(), self.clock.now());
        let mut invalid = Invalid::default();
        let subject = command.check(now, &mut invalid);
        self.check_depots(&reach, subject.depots.as_deref(), &mut invalid).await?;
        invalid.into_result()?;
        let run = Run::new(self.ids.uuid().into(), organisation, subject, scope.actor(), now);
        self.request(scope, run).await
    }

    /// Puts a run that somebody asked for into the queue.
    pub(super) async fn request(&self, scope: &Scope, run: Run) -> Result<Run, ReportError> {
        let mut tx = self.store.begin().await?;
        if tx.reports().runs_under_way(run.organisation).await? >= MOST_UNDER_WAY {
            return Err(ReportError::TooMany);
        }
        tx.reports().run_insert(&run).await?;
        tx.outbox().append(event::run(&*self.clock, &*self.ids, event::RUN_REQUESTED, &run)).await?;
        tx.audit().record(self.audit(scope, AuditVerb::Create, RESOURCE, run.id).after(&run)).await?;
        tx.commit().await?;
        Ok(run)
    }

    /// # Errors
    /// [`ReportError::NoSuchRun`] also for runs of others.
    pub async fn run_get(&self, scope: &Scope, id: ReportRunId) -> Result<ShownRun, ReportError> {
        let reach = scope.require(Permission::ReportRead)?;
        let (now, run) = (self.clock.now(), self.seen_run(&reach, id).await?);
        let fresh = run.file.as_ref().filter(|file| file.expires_at.is_none_or(|at| at > now));
        let download_url = match fresh {
            Some(file) => Some(self.blobs.blob_link(&file.key, &run.file_name(), now, LINK).await?),
            None => None,
        };
        Ok(ShownRun { run, download_url })
    }

    /// A run whose depots the caller sees.
    async fn seen_run(&self, reach: &Reach, id: ReportRunId) -> Result<Run, ReportError> {
        let run = self.reader.run_get(reach.organisation(), id).await?.ok_or(ReportError::NoSuchRun)?;
        sees_all(reach, run.subject.depots.as_deref()).await?.ok_or(ReportError::NoSuchRun)?;
        Ok(run)
    }

    /// The newest first. A page of a limited caller may be short though there are more.
    ///
    /// # Errors
    /// [`ReportError::Denied`] and store errors only.
    pub async fn run_list(
        &self,
        scope: &Scope,
        filter: RunFilter,
        page: PageRequest,
    ) -> Result<Page<Run>, ReportError> {
        let reach = scope.require(Permission::ReportRead)?;
        let found = self.reader.run_list(scope.organisation(), &filter, page).await?;
        Ok(seen_of(&reach, found, |run| run.subject.depots.as_deref()).await?)
    }

    /// Ends a run before its time. One that a worker has in hand ends as soon as that worker hears
    /// of it.
    ///
    /// # Errors
    /// [`ReportError::NoSuchRun`]; [`ReportError::Ended`] for one that has ended otherwise.
    pub async fn run_cancel(&self, scope: &Scope, id: ReportRunId) -> Result<Run, ReportError> {
        let reach = scope.require(Permission::ReportWrite)?;
        self.seen_run(&reach, id).await?;
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let found = tx.reports().run_find(scope.organisation(), id).await?;
        let mut run = found.ok_or(ReportError::NoSuchRun)?;
        let (before, read) = (run.clone(), run.version);
        match run.state {
            RunState::Queued => {
                run.state = RunState::Cancelled;
                run.due_at = None;
                run.ended_at = Some(now);
            }
            RunState::Running => run.state = RunState::Cancelling,
            RunState::Cancelling | RunState::Cancelled => return Ok(run),
            RunState::Finished | RunState::Failed => return Err(ReportError::Ended),
        }
        run.version = read.next();
        tx.reports().run_update(&run, read).await?;
        if run.state == RunState::Cancelled {
            tx.outbox().append(event::run(&*self.clock, &*self.ids, event::RUN_CANCELLED, &run)).await?;
        }
        let entry = self.audit(scope, AuditVerb::Command, RESOURCE, id).before(&before).after(&run);
        tx.audit().record(entry).await?;
        tx.commit().await?;
        Ok(run)
    }
}
