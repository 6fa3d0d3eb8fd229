//! `POST /admin/api-keys`

use std::collections::BTreeSet;

use access::CreateApiKey;
use axum::{Extension, extract::State};
use chrono::{DateTime, Utc};
use http_kit::{Answer, Caller, Created, OnReplay, ValidJson};
use kernel::PermissionSet;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

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
    /// Limits the key to these resource groups and those below them.
    resource_group_ids: Option<BTreeSet<Uuid>>,
    /// In the future. Without it the key lasts until it is revoked.
    expires_at: Option<DateTime<Utc>>,
}

#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct ApiKeyCreated {
    #[serde(flatten)]
    api_key: ApiKeyBody,
    /// The whole key. It is shown this once and kept nowhere: `null` where the answer is repeated for
    /// an `Idempotency-Key`.
    #[schema(required)]
    key: Option<String>,
}

impl From<ApiKeyCreate> for CreateApiKey {
    fn from(body: ApiKeyCreate) -> Self {
        Self {
            name: body.name,
            permissions: body.permissions,
            groups: body.resource_group_ids.map(|ids| ids.into_iter().map(Into::into).collect()),
            expires_at: body.expires_at,
        }
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
) -> Answer<(Extension<OnReplay>, Created<ApiKeyCreated>)> {
    let (key, secret) = app.access.api_keys.api_key_create(&scope, body.into()).await?;
    let (location, version) = (format!("/api/v1/admin/api-keys/{}", key.id), key.version);
    let repeated = ApiKeyCreated { api_key: key.into(), key: None };
    let body = ApiKeyCreated { key: Some(secret.expose().to_owned()), ..repeated.clone() };
    Ok((Extension(OnReplay::json(&repeated)), Created::new(location, body).version(version)))
}
