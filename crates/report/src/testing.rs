//! For tests of any crate: builders, stores in memory, and the contracts of the ports.

pub mod contract;
mod fake;
mod free;
mod plain;

use chrono::TimeDelta;
use kernel::{Actor, Clock, IdSource, OrganisationId, Version, testing::FakeClock};

pub use fake::{FakeBlobs, FakeIndex};
pub use free::NoCosts;
pub use plain::PlainRenderer;

use crate::{
    kind::{Format, Kind},
    model::{ReportEntry, ReportFile, Run, RunState, Subject},
    schedule::{CatchUp, Period, Schedule},
};

/// A run about the day before the clock's beginning, waiting for a worker.
pub fn run(ids: &dyn IdSource, organisation: OrganisationId) -> Run {
    let now = FakeClock::default().now();
    let subject = Subject {
        kind: Kind::ChargingSessions,
        format: Format::Csv,
        depots: None,
        from: now - TimeDelta::days(1),
        to: now,
    };
    Run::new(ids.uuid().into(), organisation, subject, Actor::System, now)
}

/// Daily at six in Berlin, next due at the clock's beginning.
pub fn schedule(ids: &dyn IdSource, organisation: OrganisationId) -> Schedule {
    let now = FakeClock::default().now();
    Schedule {
        id: ids.uuid().into(),
        organisation,
        version: Version::FIRST,
        name: "Daily".to_owned(),
        kind: Kind::EnergyAndCost,
        format: Format::Xlsx,
        depots: None,
        cron: "0 6 * * *".to_owned(),
        timezone: "Europe/Berlin".to_owned(),
        period: Period::Day,
        catch_up: CatchUp::Latest,
        paused: false,
        next_at: Some(now),
        created_by: Actor::System,
        created_at: now,
        updated_at: now,
    }
}

/// The same, finished at the clock's beginning.
pub fn finished(ids: &dyn IdSource, organisation: OrganisationId) -> Run {
    let mut run = run(ids, organisation);
    run.state = RunState::Finished;
    run.attempt = 1;
    run.due_at = None;
    run.progress = 100;
    run.started_at = Some(run.requested_at);
    run.ended_at = Some(run.requested_at);
    let key = run.key(1);
    run.file = Some(ReportFile { key, bytes: 3, sha256: "ab".repeat(32), rows: 1, expires_at: None });
    run
}

/// What the index has of a finished run.
pub fn entry(ids: &dyn IdSource, organisation: OrganisationId) -> ReportEntry {
    finished(ids, organisation).entry().unwrap_or_else(|| unreachable!("it is finished"))
}
