//! Table `resource_group` and how a row becomes a [`ResourceGroup`].

use std::collections::BTreeSet;

use ::resource_group::{Member, ResourceGroup};
use kernel::{Timestamp, Version};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

#[derive(Clone, Debug, DeriveEntityModel)]
#[sea_orm(table_name = "resource_group")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub organisation_id: Uuid,
    pub version: i64,
    pub parent_id: Option<Uuid>,
    pub name: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    pub(super) fn with(self, members: BTreeSet<Member>) -> ResourceGroup {
        ResourceGroup {
            id: self.id.into(),
            organisation: self.organisation_id.into(),
            version: Version(self.version),
            parent: self.parent_id.map(Into::into),
            name: self.name,
            members,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

/// The whole row; members have tables of their own.
pub(super) fn row(group: &ResourceGroup) -> ActiveModel {
    ActiveModel {
        id: Set(group.id.into()),
        organisation_id: Set(group.organisation.into()),
        version: Set(group.version.0),
        parent_id: Set(group.parent.map(Into::into)),
        name: Set(group.name.clone()),
        created_at: Set(group.created_at),
        updated_at: Set(group.updated_at),
    }
}
