//! `POST /admin/api-keys`

use access::CreateApiKey;
use axum::extract::State;
use chrono::{DateTime, Utc};
use http_kit::{Answer, Caller, Created, ValidJson};
use kernel::PermissionSet;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::ApiKeyBody;
use crate::App;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApiKeyCreate {
    /// 1 to 100 characters.
    name: String,
    /// Permissions that the caller has; at least one.
    #[schema(value_type = Vec<String>, example = json!(["vehicle:read", "vehicle:write"]))]
    permissions: PermissionSet,
    /// In the future. Without it the key lasts until it is revoked.
    expires_at: Option<DateTime<Utc>>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct ApiKeyCreated {
    #[serde(flatten)]
    api_key: ApiKeyBody,
    /// The whole key. It is shown this once and kept nowhere.
    key: String,
}

impl From<ApiKeyCreate> for CreateApiKey {
    fn from(body: ApiKeyCreate) -> Self {
        Self { name: body.name, permissions: body.permissions, expires_at: body.expires_at }
    }
}

/// Make a key for a program that uses the public API.
#[utoipa::path(
    post,
    path = "/admin/api-keys",
    tag = "administration",
    request_body = ApiKeyCreate,
    responses((status = 201, description = "The key, with its secret.", body = ApiKeyCreated,
               headers(("Location" = String), ("ETag" = String))))
)]
pub(crate) async fn api_key_create(
    State(app): State<App>,
    Caller(scope): Caller,
    ValidJson(body): ValidJson<ApiKeyCreate>,
) -> Answer<Created<ApiKeyCreated>> {
    let (key, secret) = app.access.api_keys.api_key_create(&scope, body.into()).await?;
    let (location, version) = (format!("/api/v1/admin/api-keys/{}", key.id), key.version);
    let body = ApiKeyCreated { api_key: key.into(), key: secret.expose().to_owned() };
    Ok(Created::new(location, body).version(version))
}
