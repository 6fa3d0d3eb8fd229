//! Table `organisation` and how a row becomes an [`Organisation`].

use ::access::Organisation;
use kernel::{Timestamp, Version};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

#[derive(Clone, Debug, DeriveEntityModel)]
#[sea_orm(table_name = "organisation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub version: i64,
    pub name: String,
    pub handle: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for Organisation {
    fn from(row: Model) -> Self {
        Self {
            id: row.id.into(),
            version: Version(row.version),
            name: row.name,
            handle: row.handle,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// The whole row.
pub(super) fn row(organisation: &Organisation) -> ActiveModel {
    ActiveModel {
        id: Set(organisation.id.into()),
        version: Set(organisation.version.0),
        name: Set(organisation.name.clone()),
        handle: Set(organisation.handle.clone()),
        created_at: Set(organisation.created_at),
        updated_at: Set(organisation.updated_at),
    }
}
