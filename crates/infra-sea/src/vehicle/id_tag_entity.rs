//! Table `id_tag` and how a row becomes an [`IdTag`].

use ::vehicle::{IdTag, IdTagValue};
use kernel::{StoreError, Timestamp, Version};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

use crate::word;

#[derive(Clone, Debug, DeriveEntityModel)]
#[sea_orm(table_name = "id_tag")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub organisation_id: Uuid,
    pub version: i64,
    pub value: String,
    pub kind: String,
    pub vehicle_id: Option<Uuid>,
    pub status: String,
    pub expires_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for IdTag {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.into(),
            organisation: row.organisation_id.into(),
            version: Version(row.version),
            value: IdTagValue::normalise(&row.value),
            kind: word::read(&row.kind)?,
            vehicle: row.vehicle_id.map(Into::into),
            status: word::read(&row.status)?,
            expires_at: row.expires_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

/// The whole row.
pub(super) fn row(tag: &IdTag) -> Result<ActiveModel, StoreError> {
    Ok(ActiveModel {
        id: Set(tag.id.into()),
        organisation_id: Set(tag.organisation.into()),
        version: Set(tag.version.0),
        value: Set(tag.value.as_str().to_owned()),
        kind: Set(word::write(&tag.kind)?),
        vehicle_id: Set(tag.vehicle.map(Into::into)),
        status: Set(word::write(&tag.status)?),
        expires_at: Set(tag.expires_at),
        created_at: Set(tag.created_at),
        updated_at: Set(tag.updated_at),
    })
}
