//! `POST /dispatch/runs/{id}/cancel`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, ETag, PathId};
use kernel::RunId;

use super::body::RunBody;
use crate::App;

/// Note that a run is not driven. Its vehicle is free for others; the run stays on record.
#[utoipa::path(
    post,
    path = "/dispatch/runs/{id}/cancel",
    tag = "dispatch",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The run as it is now.", body = RunBody, headers(("ETag" = String))))
)]
pub(crate) async fn run_cancel(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<RunId>,
) -> Answer<(ETag, Json<RunBody>)> {
    let run = app.dispatch.run_cancel(&scope, id).await?;
    Ok((ETag(run.version), Json(run.into())))
}
