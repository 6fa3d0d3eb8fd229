//! Runs, within a unit of work and outside.

use async_trait::async_trait;
use kernel::{
    Commit, HasAudit, HasOutbox, OrganisationId, Page, PageRequest, ReportRunId, ReportScheduleId,
    StoreError, Timestamp, Version,
};

use crate::{
    model::{Run, RunState},
    schedule::Schedule,
};

/// Runs within a unit of work. Rows of other organisations do not exist for it.
#[async_trait]
pub trait ReportRepository: Send {
    /// [`StoreError::Duplicate`] with rule `slot` where the schedule's time has a run already.
    async fn run_insert(&mut self, run: &Run) -> Result<(), StoreError>;

    /// Reads the run for change: whoever changes a run does so one at a time.
    async fn run_find(
        &mut self,
        organisation: OrganisationId,
        id: ReportRunId,
    ) -> Result<Option<Run>, StoreError>;

    /// Stores the run where the stored version is still `read`; else [`StoreError::Stale`].
    async fn run_update(&mut self, run: &Run, read: Version) -> Result<(), StoreError>;

    /// Removes it; one that is gone is no error.
    async fn run_delete(&mut self, organisation: OrganisationId, id: ReportRunId) -> Result<(), StoreError>;

    async fn schedule_insert(&mut self, schedule: &Schedule) -> Result<(), StoreError>;

    /// Reads the schedule for change.
    async fn schedule_find(
        &mut self,
        organisation: OrganisationId,
        id: ReportScheduleId,
    ) -> Result<Option<Schedule>, StoreError>;

    /// Stores the schedule where the stored version is still `read`; else [`StoreError::Stale`].
    async fn schedule_update(&mut self, schedule: &Schedule, read: Version) -> Result<(), StoreError>;

    /// Deletes it where its version is still the one given; else [`StoreError::Stale`].
    async fn schedule_delete(&mut self, schedule: &Schedule) -> Result<(), StoreError>;

    /// Runs of the organisation that have not ended.
    async fn runs_under_way(&mut self, organisation: OrganisationId) -> Result<u64, StoreError>;
}

pub trait HasReports: Send {
    fn reports(&mut self) -> &mut dyn ReportRepository;
}

/// The unit of work of this domain's use cases.
pub trait ReportTx: HasReports + HasOutbox + HasAudit + Commit {}
impl<T: HasReports + HasOutbox + HasAudit + Commit> ReportTx for T {}

#[derive(Clone, Debug, Default)]
pub struct RunFilter {
    pub state: Option<RunState>,
}

/// Reads outside a unit of work.
#[async_trait]
pub trait ReportReader: Send + Sync {
    async fn run_get(&self, organisation: OrganisationId, id: ReportRunId)
    -> Result<Option<Run>, StoreError>;

    /// The newest first.
    async fn run_list(
        &self,
        organisation: OrganisationId,
        filter: &RunFilter,
        page: PageRequest,
    ) -> Result<Page<Run>, StoreError>;

    /// Runs of anybody that a worker may take up, those due first.
    async fn runs_due(
        &self,
        now: Timestamp,
        limit: u16,
    ) -> Result<Vec<(OrganisationId, ReportRunId)>, StoreError>;

    /// Finished runs of anybody that the index does not have yet.
    async fn runs_unindexed(&self, limit: u16) -> Result<Vec<Run>, StoreError>;

    /// Runs of anybody that ended before an instant or whose file has expired by `now`.
    async fn runs_expired(
        &self,
        ended_before: Timestamp,
        now: Timestamp,
        limit: u16,
    ) -> Result<Vec<Run>, StoreError>;

    async fn schedule_get(
        &self,
        organisation: OrganisationId,
        id: ReportScheduleId,
    ) -> Result<Option<Schedule>, StoreError>;

    /// Oldest first.
    async fn schedule_list(
        &self,
        organisation: OrganisationId,
        page: PageRequest,
    ) -> Result<Page<Schedule>, StoreError>;

    /// Schedules of anybody whose next time has come, and that are not paused; those due first.
    async fn schedules_due(
        &self,
        now: Timestamp,
        limit: u16,
    ) -> Result<Vec<(OrganisationId, ReportScheduleId)>, StoreError>;
}
