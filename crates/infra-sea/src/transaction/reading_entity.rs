//! Table `reading` and how a row becomes a [`Reading`].

use ::transaction::Reading;
use kernel::{MilliAmps, StoreError, Timestamp, W, Wh};
use sea_orm::{IntoActiveModel, entity::prelude::*};
use serde::Serialize;
use serde_json::Value;

use super::transaction_entity::soc;
use crate::word;

#[derive(Clone, Debug, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "reading")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub charge_point_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub connector_number: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub at: Timestamp,
    #[sea_orm(primary_key, auto_increment = false)]
    pub context: String,
    pub id: Uuid,
    pub organisation_id: Uuid,
    pub transaction_id: Option<Uuid>,
    pub energy_wh: Option<i64>,
    pub power_w: Option<i64>,
    pub current_ma: Option<i64>,
    pub offered_w: Option<i64>,
    pub voltage_mv: Option<i64>,
    pub soc: Option<i64>,
    /// Absent where nothing else was sent, which is usual.
    pub rest: Option<Json>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for Reading {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let connector = row.connector_number.try_into();
        Ok(Self {
            id: row.id,
            organisation: row.organisation_id.into(),
            charge_point: row.charge_point_id.into(),
            connector: connector.map_err(|_| StoreError::corrupt("reading.connector_number"))?,
            transaction: row.transaction_id.map(Into::into),
            at: row.at,
            context: word::read(&row.context)?,
            energy: row.energy_wh.map(Wh),
            power: row.power_w.map(W),
            current: row.current_ma.map(MilliAmps),
            offered: row.offered_w.map(W),
            voltage_millivolts: row.voltage_mv,
            soc: row.soc.map(soc).transpose()?,
            rest: match row.rest {
                Some(Value::Object(rest)) => rest,
                Some(_) => return Err(StoreError::corrupt("reading.rest")),
                None => serde_json::Map::new(),
            },
        })
    }
}

pub(super) fn model(reading: &Reading) -> Result<Model, StoreError> {
    Ok(Model {
        charge_point_id: reading.charge_point.into(),
        connector_number: reading.connector.into(),
        at: reading.at,
        context: word::write(&reading.context)?,
        id: reading.id,
        organisation_id: reading.organisation.into(),
        transaction_id: reading.transaction.map(Into::into),
        energy_wh: reading.energy.map(Wh::get),
        power_w: reading.power.map(W::get),
        current_ma: reading.current.map(MilliAmps::get),
        offered_w: reading.offered.map(W::get),
        voltage_mv: reading.voltage_millivolts,
        soc: reading.soc.map(|soc| soc.hundredths().into()),
        rest: (!reading.rest.is_empty()).then(|| Value::Object(reading.rest.clone())),
    })
}

pub(super) fn row(reading: &Reading) -> Result<ActiveModel, StoreError> {
    model(reading).map(|model| model.into_active_model().reset_all())
}
