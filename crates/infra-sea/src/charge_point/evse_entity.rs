//! Table `evse`.

use ::charge_point::Evse;
use kernel::{ChargePointId, StoreError};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

use super::connector_entity;
use crate::word;

#[derive(Clone, Debug, DeriveEntityModel)]
#[sea_orm(table_name = "evse")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub charge_point_id: Uuid,
    pub number: i64,
    pub rotation: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The connectors have to come in the order of their numbers.
    pub(super) fn with(self, connectors: Vec<connector_entity::Model>) -> Result<Evse, StoreError> {
        let connectors: Result<_, _> = connectors.into_iter().map(TryInto::try_into).collect();
        Ok(Evse {
            id: self.id.into(),
            number: u16::try_from(self.number).map_err(|_| StoreError::corrupt("evse.number"))?,
            rotation: word::read(&self.rotation)?,
            connectors: connectors?,
        })
    }
}

pub(super) fn row(charge_point: ChargePointId, evse: &Evse) -> Result<ActiveModel, StoreError> {
    Ok(ActiveModel {
        id: Set(evse.id.into()),
        charge_point_id: Set(charge_point.into()),
        number: Set(evse.number.into()),
        rotation: Set(word::write(&evse.rotation)?),
    })
}
