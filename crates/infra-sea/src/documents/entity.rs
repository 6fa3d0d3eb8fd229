//! Table `frame` and how a row becomes a [`Frame`].

use kernel::{StoreError, Timestamp};
use message_log::{Frame, KeptFrame, Text};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

use crate::word;

#[derive(Clone, Debug, DeriveEntityModel)]
#[sea_orm(table_name = "frame")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub organisation_id: Uuid,
    pub charge_point_id: Uuid,
    pub identity: String,
    pub connection: i64,
    pub direction: String,
    pub at: Timestamp,
    pub protocol: String,
    pub message_type: String,
    pub action: Option<String>,
    pub message_id: Option<String>,
    pub outcome: Option<String>,
    pub text: String,
    pub bytes: i64,
    pub expires_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for Frame {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.into(),
            organisation: row.organisation_id.into(),
            charge_point: row.charge_point_id.into(),
            identity: row.identity,
            connection: row.connection,
            direction: word::read(&row.direction)?,
            at: row.at,
            protocol: row.protocol,
            message_type: word::read(&row.message_type)?,
            action: row.action,
            message_id: row.message_id,
            outcome: row.outcome.map(|outcome| word::read(&outcome)).transpose()?,
            text: Text { kept: row.text, bytes: row.bytes.unsigned_abs() },
        })
    }
}

pub(super) fn row(kept: &KeptFrame) -> Result<ActiveModel, StoreError> {
    let frame = &kept.frame;
    Ok(ActiveModel {
        id: Set(frame.id.into()),
        organisation_id: Set(frame.organisation.into()),
        charge_point_id: Set(frame.charge_point.into()),
        identity: Set(frame.identity.clone()),
        connection: Set(frame.connection),
        direction: Set(word::write(&frame.direction)?),
        at: Set(frame.at),
        protocol: Set(frame.protocol.clone()),
        message_type: Set(word::write(&frame.message_type)?),
        action: Set(frame.action.clone()),
        message_id: Set(frame.message_id.clone()),
        outcome: Set(frame.outcome.map(|outcome| word::write(&outcome)).transpose()?),
        text: Set(frame.text.kept.clone()),
        bytes: Set(i64::try_from(frame.text.bytes).unwrap_or(i64::MAX)),
        expires_at: Set(kept.expires_at),
    })
}
