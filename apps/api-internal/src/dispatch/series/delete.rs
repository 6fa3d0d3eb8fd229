//! `DELETE /dispatch/series/{id}`

use axum::extract::State;
use http_kit::{Answer, Caller, IfMatch, NoContent, PathId};
use kernel::RunSeriesId;

use crate::App;

/// Delete a series, and its runs to come that were neither changed by hand nor have departed.
#[utoipa::path(
    delete,
    path = "/dispatch/series/{id}",
    tag = "dispatch",
    params(("id" = Uuid, Path)),
    responses((status = 204, description = "It is gone."))
)]
pub(crate) async fn run_series_delete(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<RunSeriesId>,
    IfMatch(expected): IfMatch,
) -> Answer<NoContent> {
    app.dispatch.series_delete(&scope, id, expected).await?;
    Ok(NoContent)
}
