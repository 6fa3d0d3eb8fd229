//! `POST /reports/schedules/{id}/run`

use axum::extract::State;
use http_kit::{Accepted, Answer, Caller, PathId};
use kernel::ReportScheduleId;

use crate::{App, reports::body::RunBody};

/// Have the report of a schedule made now, paused or not. Its times stay as they are.
#[utoipa::path(
    post,
    path = "/reports/schedules/{id}/run",
    tag = "reports",
    params(("id" = Uuid, Path)),
    responses((status = 202, description = "The run, not yet begun.", body = RunBody,
               headers(("Location" = String))))
)]
pub(crate) async fn report_schedule_run(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<ReportScheduleId>,
) -> Answer<Accepted<RunBody>> {
    let run = app.reports.schedule_run(&scope, id).await?;
    Ok(Accepted::new(format!("/api/v1/reports/runs/{}", run.id), run.into()))
}
