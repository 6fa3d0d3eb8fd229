//! `GET /reports/schedules/{id}`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, ETag, PathId};
use kernel::ReportScheduleId;

use super::body::ScheduleBody;
use crate::App;

/// One schedule.
#[utoipa::path(
    get,
    path = "/reports/schedules/{id}",
    tag = "reports",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The schedule.", body = ScheduleBody, headers(("ETag" = String))))
)]
pub(crate) async fn report_schedule_get(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<ReportScheduleId>,
) -> Answer<(ETag, Json<ScheduleBody>)> {
    let schedule = app.reports.schedule_get(&scope, id).await?;
    Ok((ETag(schedule.version), Json(schedule.into())))
}
