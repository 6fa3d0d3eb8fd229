//! `GET /priority/levels/{id}`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, ETag, PathId};
use kernel::PriorityLevelId;

use super::body::LevelBody;
use crate::App;

/// One level.
#[utoipa::path(
    get,
    path = "/priority/levels/{id}",
    tag = "priority",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The level.", body = LevelBody, headers(("ETag" = String))))
)]
pub(crate) async fn priority_level_get(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<PriorityLevelId>,
) -> Answer<(ETag, Json<LevelBody>)> {
    let level = app.priorities.level_get(&scope, id).await?;
    Ok((ETag(level.version), Json(level.into())))
}
