//! `GET /admin/api-keys/{id}`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, ETag, PathId};
use kernel::ApiKeyId;

use super::body::ApiKeyBody;
use crate::App;

/// One API key, without its secret.
#[utoipa::path(
    get,
    path = "/admin/api-keys/{id}",
    tag = "administration",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The key.", body = ApiKeyBody, headers(("ETag" = String))))
)]
pub(crate) async fn api_key_get(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<ApiKeyId>,
) -> Answer<(ETag, Json<ApiKeyBody>)> {
    let key = app.access.api_keys.api_key_get(&scope, id).await?;
    Ok((ETag(key.version), Json(key.into())))
}
