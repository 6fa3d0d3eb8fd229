//! An API key as callers see it: never its secret.

use access::ApiKey;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Clone, Serialize, ToSchema)]
#[schema(as = ApiKey)]
pub(crate) struct ApiKeyBody {
    id: Uuid,
    name: String,
    /// The beginning of the key, to tell keys apart.
    prefix: String,
    /// As `domain:action`.
    #[schema(example = json!(["vehicle:read", "vehicle:write"]))]
    permissions: Vec<&'static str>,
    /// The resource groups it is good for, with those below them; absent for the whole organisation.
    #[schema(required)]
    resource_group_ids: Option<Vec<Uuid>>,
    #[schema(required)]
    expires_at: Option<DateTime<Utc>>,
    #[schema(required)]
    revoked_at: Option<DateTime<Utc>>,
    /// To the minute; absent where it never was.
    #[schema(required)]
    last_used_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<ApiKey> for ApiKeyBody {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id.into(),
            name: key.name,
            prefix: format!("mk_{}", key.prefix),
            permissions: key.permissions.iter().map(|permission| permission.as_str()).collect(),
            resource_group_ids: key.groups.map(|groups| groups.into_iter().map(Into::into).collect()),
            expires_at: key.expires_at,
            revoked_at: key.revoked_at,
            last_used_at: key.last_used_at,
            created_at: key.created_at,
            updated_at: key.updated_at,
        }
    }
}
