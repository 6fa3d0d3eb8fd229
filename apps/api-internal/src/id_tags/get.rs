//! `GET /id-tags/{id}`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, ETag, PathId};
use kernel::IdTagId;

use super::body::IdTagBody;
use crate::App;

/// One id tag.
#[utoipa::path(
    get,
    path = "/id-tags/{id}",
    tag = "id tags",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The id tag.", body = IdTagBody, headers(("ETag" = String))))
)]
pub(crate) async fn id_tag_get(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<IdTagId>,
) -> Answer<(ETag, Json<IdTagBody>)> {
    let tag = app.id_tags.id_tag_get(&scope, id).await?;
    Ok((ETag(tag.version), Json(tag.into())))
}
