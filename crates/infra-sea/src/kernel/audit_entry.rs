//! Table `audit_entry`: who changed what. Rows are appended and never changed.

use ::kernel::Timestamp;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, DeriveEntityModel)]
#[sea_orm(table_name = "audit_entry")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub organisation_id: Uuid,
    pub at: Timestamp,
    /// `user`, `api_key`, `charge_point` or `system`.
    pub actor_kind: String,
    pub actor_id: Option<Uuid>,
    pub verb: String,
    pub resource: String,
    pub resource_id: Uuid,
    pub before: Option<Json>,
    pub after: Option<Json>,
    pub request_id: Option<String>,
    pub address: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
