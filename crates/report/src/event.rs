//! The facts this domain publishes.

use kernel::{Clock, DepotId, Event, IdSource};
use serde_json::json;

use crate::{model::Run, schedule::Schedule};

pub const RUN_REQUESTED: &str = "manage.report_run.requested.v1";
pub const RUN_FINISHED: &str = "manage.report_run.finished.v1";
pub const RUN_FAILED: &str = "manage.report_run.failed.v1";
pub const RUN_CANCELLED: &str = "manage.report_run.cancelled.v1";

pub const SCHEDULE_CREATED: &str = "manage.report_schedule.created.v1";
pub const SCHEDULE_CHANGED: &str = "manage.report_schedule.changed.v1";
pub const SCHEDULE_DELETED: &str = "manage.report_schedule.deleted.v1";

pub(crate) fn schedule(
    clock: &dyn Clock,
    ids: &dyn IdSource,
    name: &'static str,
    schedule: &Schedule,
) -> Event {
    let data = json!({
        "report_schedule_id": schedule.id,
        "depot_id": only(schedule.depots.as_deref()),
        "name": schedule.name,
        "kind": schedule.kind,
        "format": schedule.format,
        "paused": schedule.paused,
        "next_at": schedule.next_at,
    });
    Event::new(clock, ids, schedule.organisation, name, &schedule.id, data)
}

pub(crate) fn run(clock: &dyn Clock, ids: &dyn IdSource, name: &'static str, run: &Run) -> Event {
    let data = json!({
        "report_run_id": run.id,
        "report_schedule_id": run.schedule,
        "depot_id": only(run.subject.depots.as_deref()),
        "kind": run.subject.kind,
        "format": run.subject.format,
        "from": run.subject.from,
        "to": run.subject.to,
        "failure": run.failure,
        "rows": run.file.as_ref().map(|file| file.rows),
        "bytes": run.file.as_ref().map(|file| file.bytes),
    });
    Event::new(clock, ids, run.organisation, name, &run.id, data)
}

/// The one depot that a report is about: who sees it hears of the report. `None` where it is about
/// more, which only who sees the whole organisation may have asked for.
fn only(depots: Option<&[DepotId]>) -> Option<DepotId> {
    match depots {
        Some([depot]) => Some(*depot),
        _ => None,
    }
}
