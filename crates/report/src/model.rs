//! One making of a report, and what is left of it.

use chrono::TimeDelta;
use kernel::{Actor, DepotId, OrganisationId, ReportRunId, ReportScheduleId, Timestamp, Version};
use serde::{Deserialize, Serialize};

use crate::{
    kind::{Format, Kind},
    port::BlobKey,
};

/// The longest time a report may be about.
pub const LONGEST: TimeDelta = TimeDelta::days(367);
/// How often a run is taken up before it counts as failed.
pub const MOST_ATTEMPTS: u32 = 10;

/// What a report is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    pub kind: Kind,
    pub format: Format,
    /// `None`: all of the organisation.
    pub depots: Option<Vec<DepotId>>,
    /// Inclusive.
    pub from: Timestamp,
    /// Exclusive.
    pub to: Timestamp,
}

/// The making of one report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Run {
    pub id: ReportRunId,
    pub organisation: OrganisationId,
    pub version: Version,
    pub subject: Subject,
    /// The schedule it belongs to, and the time of that schedule it stands for; the latter only
    /// where it was due, and then no other run has the same two.
    pub schedule: Option<ReportScheduleId>,
    pub slot: Option<Timestamp>,
    pub requested_by: Actor,
    pub requested_at: Timestamp,
    pub state: RunState,
    /// How often a worker has taken it up. A worker that was replaced has an older number.
    pub attempt: u32,
    /// When a worker may take it up: a waiting one from then on, one that is being made when its
    /// worker has not been heard of until then. `None` where it has ended.
    pub due_at: Option<Timestamp>,
    /// 0 to 100.
    pub progress: u8,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub failure: Option<Failure>,
    pub file: Option<ReportFile>,
    /// Whether the index has it.
    pub indexed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Waits for a worker.
    Queued,
    Running,
    /// A worker will stop as soon as it hears of it.
    Cancelling,
    Finished,
    Failed,
    Cancelled,
}

/// Why nothing came of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// A store was away each time it was tried.
    StoreAway,
    /// It cannot be made: a fault of ours.
    Internal,
    /// Every worker that took it up was gone before it ended.
    WorkersLost,
}

/// A report's file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportFile {
    pub key: BlobKey,
    pub bytes: u64,
    /// In hexadecimal.
    pub sha256: String,
    pub rows: u64,
    /// `None`: it is kept for ever.
    pub expires_at: Option<Timestamp>,
}

impl Run {
    /// One that waits for a worker.
    pub(crate) fn new(
        id: ReportRunId,
        organisation: OrganisationId,
        subject: Subject,
        requested_by: Actor,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            organisation,
            version: Version::FIRST,
            subject,
            schedule: None,
            slot: None,
            requested_by,
            requested_at: now,
            state: RunState::Queued,
            attempt: 0,
            due_at: Some(now),
            progress: 0,
            started_at: None,
            ended_at: None,
            failure: None,
            file: None,
            indexed: false,
        }
    }

    /// Where a worker that takes it up for the given time puts the file: a place of its own, so
    /// that one that was replaced disturbs nobody.
    pub fn key(&self, attempt: u32) -> BlobKey {
        let format = self.subject.format.word();
        BlobKey::new(format!("reports/{}/{}/{attempt}.{format}", self.organisation, self.id))
            .unwrap_or_else(|| unreachable!("ids and numbers are fit for a key"))
    }

    /// What people save the file as.
    pub fn file_name(&self) -> String {
        file_name(&self.subject)
    }

    /// What the index has of it; `None` before it has finished.
    pub fn entry(&self) -> Option<ReportEntry> {
        let (RunState::Finished, Some(file), Some(at)) = (self.state, self.file.clone(), self.ended_at)
        else {
            return None;
        };
        Some(ReportEntry {
            place: EntryPlace {
                organisation: self.organisation,
                run: self.id,
                at,
                kind: self.subject.kind,
                schedule: self.schedule,
            },
            subject: self.subject.clone(),
            file,
        })
    }
}

fn file_name(subject: &Subject) -> String {
    let day = |at: Timestamp| at.format("%Y-%m-%d");
    let Subject { kind, format, from, to, .. } = subject;
    format!("{}_{}_{}.{}", kind.word(), day(*from), day(*to), format.word())
}

/// A finished report, as the index has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportEntry {
    pub place: EntryPlace,
    pub subject: Subject,
    pub file: ReportFile,
}

/// By what an entry is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryPlace {
    pub organisation: OrganisationId,
    pub run: ReportRunId,
    /// When it was finished.
    pub at: Timestamp,
    pub kind: Kind,
    pub schedule: Option<ReportScheduleId>,
}
