//! `DELETE /priority/levels/{id}`

use axum::extract::State;
use http_kit::{Answer, Caller, IfMatch, NoContent, PathId};
use kernel::PriorityLevelId;

use crate::App;

/// Remove the words of a level. Vehicles, rules and overrides keep its number; after the last of
/// its own, the organisation has the usual levels again.
#[utoipa::path(
    delete,
    path = "/priority/levels/{id}",
    tag = "priority",
    params(("id" = Uuid, Path)),
    responses((status = 204, description = "It is gone."))
)]
pub(crate) async fn priority_level_delete(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<PriorityLevelId>,
    IfMatch(expected): IfMatch,
) -> Answer<NoContent> {
    app.priorities.level_delete(&scope, id, expected).await?;
    Ok(NoContent)
}
