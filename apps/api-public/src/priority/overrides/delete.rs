//! `DELETE /priority/overrides/{id}`

use axum::extract::State;
use http_kit::{Answer, Caller, IfMatch, NoContent, PathId};
use kernel::PriorityOverrideId;

use crate::App;

/// End an override before its time.
#[utoipa::path(
    delete,
    path = "/priority/overrides/{id}",
    tag = "priority",
    params(("id" = Uuid, Path)),
    responses((status = 204, description = "It is gone."))
)]
pub(crate) async fn priority_override_delete(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<PriorityOverrideId>,
    IfMatch(expected): IfMatch,
) -> Answer<NoContent> {
    app.priorities.override_delete(&scope, id, expected).await?;
    Ok(NoContent)
}
