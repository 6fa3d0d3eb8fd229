//! Table `outbox`: events that became true, until they are published and forgotten.

use ::kernel::Timestamp;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub sequence: i64,
    pub id: Uuid,
    pub organisation_id: Uuid,
    pub name: String,
    pub key: String,
    pub occurred_at: Timestamp,
    pub data: Json,
    pub published_at: Option<Timestamp>,
    /// Where it stands among what was published.
    pub place: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
