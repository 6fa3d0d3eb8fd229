//! Table `dead_letter` and how a row becomes a [`DeadLetter`].

use ::connect_router::DeadLetter;
use kernel::Timestamp;
use sea_orm::{ActiveValue::Set, entity::prelude::*};

#[derive(Clone, Debug, DeriveEntityModel)]
#[sea_orm(table_name = "dead_letter")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub organisation_id: Uuid,
    pub charge_point_id: Uuid,
    pub identity: String,
    pub protocol: String,
    pub message_id: String,
    pub action: String,
    pub payload: String,
    pub reason: String,
    pub received_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for DeadLetter {
    fn from(row: Model) -> Self {
        Self {
            id: row.id.into(),
            organisation: row.organisation_id.into(),
            charge_point: row.charge_point_id.into(),
            identity: row.identity,
            protocol: row.protocol,
            message_id: row.message_id,
            action: row.action,
            payload: row.payload,
            reason: row.reason,
            received_at: row.received_at,
        }
    }
}

/// PostgreSQL keeps no NUL in a text; what a charger sent may hold one.
fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

pub(super) fn row(letter: &DeadLetter) -> ActiveModel {
    ActiveModel {
        id: Set(letter.id.into()),
        organisation_id: Set(letter.organisation.into()),
        charge_point_id: Set(letter.charge_point.into()),
        identity: Set(storable(&letter.identity)),
        protocol: Set(letter.protocol.clone()),
        message_id: Set(storable(&letter.message_id)),
        action: Set(storable(&letter.action)),
        payload: Set(storable(&letter.payload)),
        reason: Set(storable(&letter.reason)),
        received_at: Set(letter.received_at),
    }
}
