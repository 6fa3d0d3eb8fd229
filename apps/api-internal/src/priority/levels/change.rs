//! `PATCH /priority/levels/{id}`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, ETag, IfMatch, Patch, PathId, ValidJson, not_null};
use kernel::PriorityLevelId;
use priority::ChangeLevel;
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::LevelBody;
use crate::App;

/// A merge patch: what is absent stays, `null` clears. The number does not change.
#[derive(Deserialize, ToSchema)]
#[schema(as = PriorityLevelChange)]
#[serde(deny_unknown_fields)]
pub(crate) struct LevelChange {
    #[serde(default, deserialize_with = "not_null")]
    name: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    description: Patch<String>,
}

/// Change the words of a level.
#[utoipa::path(
    patch,
    path = "/priority/levels/{id}",
    tag = "priority",
    params(("id" = Uuid, Path)),
    request_body = LevelChange,
    responses((status = 200, description = "The level as it is now.", body = LevelBody, headers(("ETag" = String))))
)]
pub(crate) async fn priority_level_change(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<PriorityLevelId>,
    IfMatch(expected): IfMatch,
    ValidJson(body): ValidJson<LevelChange>,
) -> Answer<(ETag, Json<LevelBody>)> {
    let command = ChangeLevel { name: body.name, description: body.description.0 };
    let level = app.priorities.level_change(&scope, id, expected, command).await?;
    Ok((ETag(level.version), Json(level.into())))
}
