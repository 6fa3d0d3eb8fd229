//! `GET /dispatch/series/{id}`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, ETag, PathId};
use kernel::RunSeriesId;

use super::body::SeriesBody;
use crate::App;

/// One series of runs.
#[utoipa::path(
    get,
    path = "/dispatch/series/{id}",
    tag = "dispatch",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The series.", body = SeriesBody, headers(("ETag" = String))))
)]
pub(crate) async fn run_series_get(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<RunSeriesId>,
) -> Answer<(ETag, Json<SeriesBody>)> {
    let series = app.dispatch.series_get(&scope, id).await?;
    Ok((ETag(series.version), Json(series.into())))
}
