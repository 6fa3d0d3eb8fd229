//! `DELETE /reports/schedules/{id}`

use axum::extract::State;
use http_kit::{Answer, Caller, IfMatch, NoContent, PathId};
use kernel::ReportScheduleId;

use crate::App;

/// End a schedule. Its reports stay.
#[utoipa::path(
    delete,
    path = "/reports/schedules/{id}",
    tag = "reports",
    params(("id" = Uuid, Path)),
    responses((status = 204, description = "It is gone."))
)]
pub(crate) async fn report_schedule_delete(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<ReportScheduleId>,
    IfMatch(expected): IfMatch,
) -> Answer<NoContent> {
    app.reports.schedule_delete(&scope, id, expected).await?;
    Ok(NoContent)
}
