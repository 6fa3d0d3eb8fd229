//! `PATCH /admin/api-keys/{id}`

use access::ChangeApiKey;
use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use http_kit::{Answer, Caller, ETag, IfMatch, Patch, PathId, ValidJson, not_null};
use kernel::ApiKeyId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::ApiKeyBody;
use crate::App;

/// A merge patch: what is absent stays, `null` clears. What a key may do does not change.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApiKeyChange {
    #[serde(default, deserialize_with = "not_null")]
    name: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<DateTime<Utc>>)]
    expires_at: Patch<DateTime<Utc>>,
}

impl From<ApiKeyChange> for ChangeApiKey {
    fn from(body: ApiKeyChange) -> Self {
        Self { name: body.name, expires_at: body.expires_at.0 }
    }
}

/// Rename a key, or move its expiry. Only who holds its permissions may.
#[utoipa::path(
    patch,
    path = "/admin/api-keys/{id}",
    tag = "administration",
    params(("id" = Uuid, Path)),
    request_body = ApiKeyChange,
    responses((status = 200, description = "The key as it is now.", body = ApiKeyBody, headers(("ETag" = String))))
)]
pub(crate) async fn api_key_change(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<ApiKeyId>,
    IfMatch(expected): IfMatch,
    ValidJson(body): ValidJson<ApiKeyChange>,
) -> Answer<(ETag, Json<ApiKeyBody>)> {
    let key = app.access.api_keys.api_key_change(&scope, id, expected, body.into()).await?;
    Ok((ETag(key.version), Json(key.into())))
}
