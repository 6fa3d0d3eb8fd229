//! A run and a finished report as callers see them.

use chrono::{DateTime, Utc};
use report::{ReportEntry, Run, ShownRun};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::words::{FailureWord, FormatWord, KindWord, StateWord};
use crate::audit::ActorBody;

/// The making of a report.
#[derive(Serialize, ToSchema)]
#[schema(as = ReportRun)]
pub(super) struct RunBody {
    id: Uuid,
    kind: KindWord,
    format: FormatWord,
    /// Null where it is about all depots.
    #[schema(required)]
    depot_id: Option<Uuid>,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    /// Null where somebody asked for this report alone.
    #[schema(required)]
    schedule_id: Option<Uuid>,
    /// The time of the schedule that it was due at.
    #[schema(required)]
    scheduled_at: Option<DateTime<Utc>>,
    state: StateWord,
    #[schema(minimum = 0, maximum = 100)]
    progress_percent: u8,
    /// Where the file can be read without other credentials for a quarter of an hour: an address, or
    /// a path on this server. Null before it is finished, after the file has expired, and in lists.
    #[schema(required)]
    download_url: Option<String>,
    #[schema(required)]
    file: Option<FileBody>,
    #[schema(required)]
    failure: Option<FailureWord>,
    requested_by: ActorBody,
    requested_at: DateTime<Utc>,
    #[schema(required)]
    started_at: Option<DateTime<Utc>>,
    #[schema(required)]
    ended_at: Option<DateTime<Utc>>,
}

/// What a report was written to.
#[derive(Serialize, ToSchema)]
#[schema(as = ReportFile)]
pub(super) struct FileBody {
    #[schema(example = "charging_sessions_2026-03-01_2026-03-02.csv")]
    name: String,
    bytes: u64,
    /// In hexadecimal.
    sha256: String,
    rows: u64,
    /// When it is forgotten; null for never.
    #[schema(required)]
    expires_at: Option<DateTime<Utc>>,
}

impl From<Run> for RunBody {
    fn from(run: Run) -> Self {
        let name = run.file_name();
        Self {
            id: run.id.into(),
            kind: run.subject.kind.into(),
            format: run.subject.format.into(),
            depot_id: only(run.subject.depots),
            from: run.subject.from,
            to: run.subject.to,
            schedule_id: run.schedule.map(Into::into),
            scheduled_at: run.slot,
            state: run.state.into(),
            progress_percent: run.progress,
            download_url: None,
            file: run.file.map(|file| FileBody {
                name,
                bytes: file.bytes,
                sha256: file.sha256,
                rows: file.rows,
                expires_at: file.expires_at,
            }),
            failure: run.failure.map(Into::into),
            requested_by: run.requested_by.into(),
            requested_at: run.requested_at,
            started_at: run.started_at,
            ended_at: run.ended_at,
        }
    }
}

impl From<ShownRun> for RunBody {
    fn from(shown: ShownRun) -> Self {
        Self { download_url: shown.download_url, ..shown.run.into() }
    }
}

/// A finished report. Its run has the link.
#[derive(Serialize, ToSchema)]
#[schema(as = Report)]
pub(super) struct ReportBody {
    run_id: Uuid,
    kind: KindWord,
    format: FormatWord,
    /// Null where it is about all depots.
    #[schema(required)]
    depot_id: Option<Uuid>,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    #[schema(required)]
    schedule_id: Option<Uuid>,
    finished_at: DateTime<Utc>,
    bytes: u64,
    rows: u64,
    #[schema(required)]
    expires_at: Option<DateTime<Utc>>,
}

impl From<ReportEntry> for ReportBody {
    fn from(entry: ReportEntry) -> Self {
        Self {
            run_id: entry.place.run.into(),
            kind: entry.place.kind.into(),
            format: entry.subject.format.into(),
            depot_id: only(entry.subject.depots),
            from: entry.subject.from,
            to: entry.subject.to,
            schedule_id: entry.place.schedule.map(Into::into),
            finished_at: entry.place.at,
            bytes: entry.file.bytes,
            rows: entry.file.rows,
            expires_at: entry.file.expires_at,
        }
    }
}

fn only(depots: Option<Vec<kernel::DepotId>>) -> Option<Uuid> {
    depots.and_then(|depots| depots.first().copied()).map(Into::into)
}
