//! Table `api_key` and how a row becomes an [`ApiKey`].

use ::access::{ApiKey, Digest};
use kernel::{GroupSet, StoreError, Timestamp, Version};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    entity::prelude::*,
};

use super::{read_permissions, write_permissions};

#[derive(Clone, Debug, DeriveEntityModel)]
#[sea_orm(table_name = "api_key")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub organisation_id: Uuid,
    pub version: i64,
    pub name: String,
    pub prefix: String,
    pub digest: String,
    pub permissions: Json,
    /// Whether it is good only for the groups that `api_key_group` names.
    pub limited: bool,
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    pub(super) fn with_groups(self, groups: GroupSet) -> Result<ApiKey, StoreError> {
        Ok(ApiKey {
            id: self.id.into(),
            organisation: self.organisation_id.into(),
            version: Version(self.version),
            name: self.name,
            prefix: self.prefix,
            digest: Digest::from_hex(&self.digest)
                .ok_or_else(|| StoreError::corrupt("an API key's digest"))?,
            permissions: read_permissions(&self.permissions)?,
            groups: self.limited.then_some(groups),
            expires_at: self.expires_at,
            revoked_at: self.revoked_at,
            last_used_at: self.last_used_at,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

/// The row but for when it was last used; groups have a table of their own.
pub(super) fn row(key: &ApiKey) -> ActiveModel {
    ActiveModel {
        id: Set(key.id.into()),
        organisation_id: Set(key.organisation.into()),
        version: Set(key.version.0),
        name: Set(key.name.clone()),
        prefix: Set(key.prefix.clone()),
        digest: Set(key.digest.to_hex()),
        permissions: Set(write_permissions(&key.permissions)),
        limited: Set(key.groups.is_some()),
        expires_at: Set(key.expires_at),
        revoked_at: Set(key.revoked_at),
        last_used_at: NotSet,
        created_at: Set(key.created_at),
        updated_at: Set(key.updated_at),
    }
}
