//! The facts this domain publishes.

use kernel::{Clock, Event, IdSource};
use serde_json::json;

use crate::model::Run;

pub const RUN_REQUESTED: &str = "manage.report_run.requested.v1";
pub const RUN_FINISHED: &str = "manage.report_run.finished.v1";
pub const RUN_FAILED: &str = "manage.report_run.failed.v1";
pub const RUN_CANCELLED: &str = "manage.report_run.cancelled.v1";

pub(crate) fn run(clock: &dyn Clock, ids: &dyn IdSource, name: &'static str, run: &Run) -> Event {
    let data = json!({
        "report_run_id": run.id,
        "report_schedule_id": run.schedule,
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
