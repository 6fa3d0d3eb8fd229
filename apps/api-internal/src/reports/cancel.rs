//! `POST /reports/runs/{id}/cancel`

use axum::extract::State;
use http_kit::{Accepted, Answer, Caller, PathId};
use kernel::ReportRunId;

use super::body::RunBody;
use crate::App;

/// End a run before its time. One that is being made ends within seconds.
#[utoipa::path(
    post,
    path = "/reports/runs/{id}/cancel",
    tag = "reports",
    params(("id" = Uuid, Path)),
    responses(
        (status = 202, description = "The run, cancelled or about to be.", body = RunBody),
        (status = 409, description = "`report_run_ended`: it is finished or has failed."),
    )
)]
pub(crate) async fn report_run_cancel(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<ReportRunId>,
) -> Answer<Accepted<RunBody>> {
    let run = app.reports.run_cancel(&scope, id).await?;
    Ok(Accepted::new(format!("/api/v1/reports/runs/{}", run.id), run.into()))
}
