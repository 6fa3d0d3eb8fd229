//! Table `command` and how a row becomes a [`Command`].

use ::charge_point::Command;
use kernel::{Actor, StoreError, Timestamp, Version};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

use super::json;
use crate::word;

#[derive(Clone, Debug, DeriveEntityModel)]
#[sea_orm(table_name = "command")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub organisation_id: Uuid,
    pub charge_point_id: Uuid,
    pub version: i64,
    pub kind: Json,
    pub state: String,
    pub result: Option<Json>,
    pub replaces: Option<String>,
    pub actor_kind: String,
    pub actor_id: Option<Uuid>,
    pub requested_at: Timestamp,
    pub sent_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for Command {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.into(),
            organisation: row.organisation_id.into(),
            charge_point: row.charge_point_id.into(),
            version: Version(row.version),
            kind: json::read(row.kind)?,
            state: word::read(&row.state)?,
            result: row.result,
            replaces: row.replaces,
            requested_by: actor(&row.actor_kind, row.actor_id)?,
            requested_at: row.requested_at,
            sent_at: row.sent_at,
            finished_at: row.finished_at,
        })
    }
}

fn actor(kind: &str, id: Option<Uuid>) -> Result<Actor, StoreError> {
    match (kind, id) {
        ("user", Some(id)) => Ok(Actor::User(id.into())),
        ("api_key", Some(id)) => Ok(Actor::ApiKey(id.into())),
        ("charge_point", Some(id)) => Ok(Actor::ChargePoint(id.into())),
        ("system", None) => Ok(Actor::System),
        _ => Err(StoreError::corrupt("command.actor_kind")),
    }
}

/// The whole row.
pub(super) fn row(command: &Command) -> Result<ActiveModel, StoreError> {
    Ok(ActiveModel {
        id: Set(command.id.into()),
        organisation_id: Set(command.organisation.into()),
        charge_point_id: Set(command.charge_point.into()),
        version: Set(command.version.0),
        kind: Set(json::write(&command.kind)?),
        state: Set(word::write(&command.state)?),
        result: Set(command.result.clone()),
        replaces: Set(command.replaces.clone()),
        actor_kind: Set(command.requested_by.kind().to_owned()),
        actor_id: Set(command.requested_by.id()),
        requested_at: Set(command.requested_at),
        sent_at: Set(command.sent_at),
        finished_at: Set(command.finished_at),
    })
}
