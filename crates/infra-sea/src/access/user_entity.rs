//! Table `user_account` and how a row becomes a [`User`].

use std::collections::BTreeSet;

use ::access::{Digest, Email, GroupGrant, Identity, Invitation, PasswordHash, User};
use kernel::{RoleId, Timestamp, Version};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

#[derive(Clone, Debug, DeriveEntityModel)]
#[sea_orm(table_name = "user_account")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub organisation_id: Uuid,
    pub version: i64,
    pub email: String,
    pub display_name: String,
    pub password_hash: String,
    pub invitation_digest: Option<String>,
    pub invitation_expires_at: Option<Timestamp>,
    pub issuer: Option<String>,
    pub subject: Option<String>,
    pub active: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    pub(super) fn with_roles(self, roles: BTreeSet<RoleId>, grants: BTreeSet<GroupGrant>) -> User {
        let invitation = self.invitation_digest.as_deref().and_then(Digest::from_hex);
        let invitation = invitation.zip(self.invitation_expires_at);
        User {
            id: self.id.into(),
            organisation: self.organisation_id.into(),
            version: Version(self.version),
            email: Email::normalise(&self.email),
            display_name: self.display_name,
            password: PasswordHash(self.password_hash),
            invitation: invitation.map(|(digest, expires_at)| Invitation { digest, expires_at }),
            identity: self.issuer.zip(self.subject).map(|(issuer, subject)| Identity { issuer, subject }),
            active: self.active,
            roles,
            grants,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

/// The whole row; roles and grants have tables of their own.
pub(super) fn row(user: &User) -> ActiveModel {
    ActiveModel {
        id: Set(user.id.into()),
        organisation_id: Set(user.organisation.into()),
        version: Set(user.version.0),
        email: Set(user.email.as_str().to_owned()),
        display_name: Set(user.display_name.clone()),
        password_hash: Set(user.password.0.clone()),
        invitation_digest: Set(user.invitation.as_ref().map(|held| held.digest.to_hex())),
        invitation_expires_at: Set(user.invitation.as_ref().map(|held| held.expires_at)),
        issuer: Set(user.identity.as_ref().map(|identity| identity.issuer.clone())),
        subject: Set(user.identity.as_ref().map(|identity| identity.subject.clone())),
        active: Set(user.active),
        created_at: Set(user.created_at),
        updated_at: Set(user.updated_at),
    }
}
