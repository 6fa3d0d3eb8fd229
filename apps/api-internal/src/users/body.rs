//! A user as callers see them.

use access::{GroupGrant, User};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Clone, Serialize, ToSchema)]
#[schema(as = User)]
pub(crate) struct UserBody {
    id: Uuid,
    /// In small letters.
    email: String,
    display_name: String,
    /// Until when an invitation is good that the user has not accepted yet.
    #[schema(required)]
    invitation_expires_at: Option<DateTime<Utc>>,
    /// The issuer that vouches for the user: they have no password here, and their tokens say what
    /// they may do. `null` for a user of ours.
    #[schema(required)]
    issuer: Option<String>,
    /// An inactive user cannot sign in.
    active: bool,
    /// Roles in the whole organisation.
    role_ids: Vec<Uuid>,
    /// Roles within resource groups and those below them.
    grants: Vec<GrantBody>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// A user, and what invites them.
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = InvitedUser)]
pub(super) struct InvitedBody {
    #[serde(flatten)]
    user: UserBody,
    /// What the user needs to choose a password, good once and for seven days. It is shown this once
    /// and kept nowhere: `null` where nobody was invited, and where the answer is repeated for an
    /// `Idempotency-Key`.
    #[schema(required)]
    invitation_token: Option<String>,
}

impl InvitedBody {
    pub(super) fn new(user: User, invitation_token: Option<String>) -> Self {
        Self { user: user.into(), invitation_token }
    }

    pub(super) fn without_token(&self) -> Self {
        Self { invitation_token: None, ..self.clone() }
    }
}

/// A role that holds within a resource group and those below it.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Grant)]
pub(super) struct GrantBody {
    role_id: Uuid,
    resource_group_id: Uuid,
}

impl From<GroupGrant> for GrantBody {
    fn from(grant: GroupGrant) -> Self {
        Self { role_id: grant.role.into(), resource_group_id: grant.group.into() }
    }
}

impl From<GrantBody> for GroupGrant {
    fn from(body: GrantBody) -> Self {
        Self { group: body.resource_group_id.into(), role: body.role_id.into() }
    }
}

impl From<User> for UserBody {
    fn from(user: User) -> Self {
        Self {
            id: user.id.into(),
            email: user.email.to_string(),
            display_name: user.display_name,
            invitation_expires_at: user.invitation.map(|held| held.expires_at),
            issuer: user.identity.map(|identity| identity.issuer),
            active: user.active,
            role_ids: user.roles.into_iter().map(Into::into).collect(),
            grants: user.grants.into_iter().map(Into::into).collect(),
            created_at: user.created_at,
            updated_at: user.updated_at,
        }
    }
}
