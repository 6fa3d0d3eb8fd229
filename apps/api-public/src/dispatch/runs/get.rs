//! `GET /dispatch/runs/{id}`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, ETag, PathId};
use kernel::RunId;

use super::body::RunBody;
use crate::App;

/// One run.
#[utoipa::path(
    get,
    path = "/dispatch/runs/{id}",
    tag = "dispatch",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The run.", body = RunBody, headers(("ETag" = String))))
)]
pub(crate) async fn run_get(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<RunId>,
) -> Answer<(ETag, Json<RunBody>)> {
    let run = app.dispatch.run_get(&scope, id).await?;
    Ok((ETag(run.version), Json(run.into())))
}
