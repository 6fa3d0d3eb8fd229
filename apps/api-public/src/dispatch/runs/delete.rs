//! `DELETE /dispatch/runs/{id}`

use axum::extract::State;
use http_kit::{Answer, Caller, IfMatch, NoContent, PathId};
use kernel::RunId;

use crate::App;

/// Delete a run that has not departed.
#[utoipa::path(
    delete,
    path = "/dispatch/runs/{id}",
    tag = "dispatch",
    params(("id" = Uuid, Path)),
    responses((status = 204, description = "It is gone."))
)]
pub(crate) async fn run_delete(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<RunId>,
    IfMatch(expected): IfMatch,
) -> Answer<NoContent> {
    app.dispatch.run_delete(&scope, id, expected).await?;
    Ok(NoContent)
}
