//! Table `configuration_key`: the settings of a charger, as it reported them.

use ::charge_point::ConfigurationKey;
use kernel::{ChargePointId, Timestamp};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

#[derive(Clone, Debug, DeriveEntityModel)]
#[sea_orm(table_name = "configuration_key")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub charge_point_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    pub value: Option<String>,
    pub readonly: bool,
    pub reported_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for ConfigurationKey {
    fn from(row: Model) -> Self {
        Self { key: row.key, value: row.value, readonly: row.readonly, reported_at: row.reported_at }
    }
}

pub(super) fn row(charge_point: ChargePointId, key: &ConfigurationKey) -> ActiveModel {
    ActiveModel {
        charge_point_id: Set(charge_point.into()),
        key: Set(key.key.clone()),
        value: Set(key.value.clone()),
        readonly: Set(key.readonly),
        reported_at: Set(key.reported_at),
    }
}
