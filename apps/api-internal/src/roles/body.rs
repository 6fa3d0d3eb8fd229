//! A role as callers see it.

use access::Role;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Serialize, ToSchema)]
#[schema(as = Role)]
pub(crate) struct RoleBody {
    id: Uuid,
    name: String,
    /// Comes with every organisation, and does not change.
    built_in: bool,
    /// As `domain:action`.
    #[schema(example = json!(["depot:read", "vehicle:write"]))]
    permissions: Vec<&'static str>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Role> for RoleBody {
    fn from(role: Role) -> Self {
        Self {
            id: role.id.into(),
            name: role.name,
            built_in: role.built_in.is_some(),
            permissions: role.permissions.iter().map(|permission| permission.as_str()).collect(),
            created_at: role.created_at,
            updated_at: role.updated_at,
        }
    }
}
