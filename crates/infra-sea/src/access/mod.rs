//! Organisations, users and roles, API keys, sessions, and the audit trail read back.

mod api_key_entity;
mod api_keys;
mod attempts;
mod audit;
mod foreign;
mod groups;
mod organisation_entity;
mod organisations;
mod refresh_token_entity;
mod role_entity;
mod roles;
mod sessions;
mod user_entity;
mod user_role_entity;
mod users;

use kernel::{Permission, PermissionSet, StoreError};
use serde_json::Value;

/// Permissions as they are stored: an array of their words.
fn write_permissions(permissions: &PermissionSet) -> Value {
    permissions.iter().map(|permission| Value::from(permission.as_str())).collect()
}

/// Words that this version of the program does not know give nothing.
fn read_permissions(stored: &Value) -> Result<PermissionSet, StoreError> {
    let words = stored.as_array().ok_or_else(|| StoreError::corrupt("permissions are no array"))?;
    Ok(words.iter().filter_map(Value::as_str).filter_map(|word| word.parse::<Permission>().ok()).collect())
}
