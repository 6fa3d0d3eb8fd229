//! Table `role` and how a row becomes a [`Role`].

use ::access::{BuiltInRole, Role};
use kernel::{StoreError, Timestamp, Version};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

use super::{read_permissions, write_permissions};
use crate::word;

#[derive(Clone, Debug, DeriveEntityModel)]
#[sea_orm(table_name = "role")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub organisation_id: Uuid,
    pub version: i64,
    pub name: String,
    pub built_in: Option<String>,
    /// Counts for roles that are not built in.
    pub permissions: Json,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for Role {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let built_in = row.built_in.as_deref().map(word::read::<BuiltInRole>).transpose()?;
        let permissions = match built_in {
            Some(built_in) => built_in.permissions(),
            None => read_permissions(&row.permissions)?,
        };
        Ok(Self {
            id: row.id.into(),
            organisation: row.organisation_id.into(),
            version: Version(row.version),
            name: row.name,
            built_in,
            permissions,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

/// The whole row.
pub(super) fn row(role: &Role) -> Result<ActiveModel, StoreError> {
    Ok(ActiveModel {
        id: Set(role.id.into()),
        organisation_id: Set(role.organisation.into()),
        version: Set(role.version.0),
        name: Set(role.name.clone()),
        built_in: Set(role.built_in.as_ref().map(word::write).transpose()?),
        permissions: Set(write_permissions(&role.permissions)),
        created_at: Set(role.created_at),
        updated_at: Set(role.updated_at),
    })
}
