//! A user as callers see them.

use access::User;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Serialize, ToSchema)]
#[schema(as = User)]
pub(crate) struct UserBody {
    id: Uuid,
    /// In small letters.
    email: String,
    display_name: String,
    /// An inactive user cannot sign in.
    active: bool,
    role_ids: Vec<Uuid>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<User> for UserBody {
    fn from(user: User) -> Self {
        Self {
            id: user.id.into(),
            email: user.email.to_string(),
            display_name: user.display_name,
            active: user.active,
            role_ids: user.roles.into_iter().map(Into::into).collect(),
            created_at: user.created_at,
            updated_at: user.updated_at,
        }
    }
}
