//! `GET /priority/overrides/{id}`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, ETag, PathId};
use kernel::PriorityOverrideId;

use super::body::OverrideBody;
use crate::App;

/// One override, expired or not.
#[utoipa::path(
    get,
    path = "/priority/overrides/{id}",
    tag = "priority",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The override.", body = OverrideBody, headers(("ETag" = String))))
)]
pub(crate) async fn priority_override_get(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<PriorityOverrideId>,
) -> Answer<(ETag, Json<OverrideBody>)> {
    let over = app.priorities.override_get(&scope, id).await?;
    Ok((ETag(over.version), Json(over.into())))
}
