//! Table `api_key` and how a row becomes an [`ApiKey`].

use ::access::{ApiKey, Digest};
use kernel::{StoreError, Timestamp, Version};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

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
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for ApiKey {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.into(),
            organisation: row.organisation_id.into(),
            version: Version(row.version),
            name: row.name,
            prefix: row.prefix,
            digest: Digest::from_hex(&row.digest)
                .ok_or_else(|| StoreError::corrupt("an API key's digest"))?,
            permissions: read_permissions(&row.permissions)?,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

/// The whole row.
pub(super) fn row(key: &ApiKey) -> ActiveModel {
    ActiveModel {
        id: Set(key.id.into()),
        organisation_id: Set(key.organisation.into()),
        version: Set(key.version.0),
        name: Set(key.name.clone()),
        prefix: Set(key.prefix.clone()),
        digest: Set(key.digest.to_hex()),
        permissions: Set(write_permissions(&key.permissions)),
        expires_at: Set(key.expires_at),
        revoked_at: Set(key.revoked_at),
        created_at: Set(key.created_at),
        updated_at: Set(key.updated_at),
    }
}
