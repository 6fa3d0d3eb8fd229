//! `GET /reports/runs/{id}`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, PathId};
use kernel::ReportRunId;

use super::body::RunBody;
use crate::App;

/// One run, with a link to its file where there is one.
#[utoipa::path(
    get,
    path = "/reports/runs/{id}",
    tag = "reports",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The run.", body = RunBody))
)]
pub(crate) async fn report_run_get(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<ReportRunId>,
) -> Answer<Json<RunBody>> {
    Ok(Json(app.reports.run_get(&scope, id).await?.into()))
}
