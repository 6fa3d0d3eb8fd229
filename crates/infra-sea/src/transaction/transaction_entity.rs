//! Table `transaction` and how a row becomes a [`Transaction`].

use ::transaction::{Latest, Metering, Transaction, TransactionNumber, TransactionPlace};
use kernel::{MilliAmps, Soc, StoreError, Timestamp, W, Wh};
use sea_orm::{ActiveValue::NotSet, IntoActiveModel, entity::prelude::*};
use serde::Serialize;

use crate::word;

#[derive(Clone, Debug, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "transaction")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub number: i64,
    pub id: Uuid,
    pub organisation_id: Uuid,
    pub charge_point_id: Uuid,
    pub depot_id: Uuid,
    pub evse_id: Option<Uuid>,
    pub evse_number: i64,
    pub connector_number: i64,
    pub id_tag: String,
    pub vehicle_id: Option<Uuid>,
    pub state: String,
    pub started_at: Timestamp,
    pub stopped_at: Option<Timestamp>,
    pub meter_start_wh: i64,
    pub meter_stop_wh: Option<i64>,
    pub energy_wh: i64,
    pub soc_start: Option<i64>,
    pub soc_end: Option<i64>,
    pub stop_reason: Option<String>,
    pub flags: Json,
    pub latest_at: Option<Timestamp>,
    pub latest_power_w: Option<i64>,
    pub latest_current_ma: Option<i64>,
    pub latest_soc: Option<i64>,
    pub carried_wh: i64,
    pub base_wh: i64,
    pub register_at: Option<Timestamp>,
    pub register_wh: Option<i64>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for Transaction {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let latest = match row.latest_at {
            Some(at) => Some(Latest {
                at,
                power: row.latest_power_w.map(W),
                current: row.latest_current_ma.map(MilliAmps),
                soc: row.latest_soc.map(soc).transpose()?,
            }),
            None => None,
        };
        let corrupt = |_| StoreError::corrupt("a number of a transaction is out of range");
        Ok(Self {
            id: row.id.into(),
            organisation: row.organisation_id.into(),
            number: TransactionNumber(row.number.try_into().map_err(corrupt)?),
            place: TransactionPlace {
                charge_point: row.charge_point_id.into(),
                depot: row.depot_id.into(),
                evse: row.evse_id.map(Into::into),
                evse_number: row.evse_number.try_into().map_err(corrupt)?,
                connector: row.connector_number.try_into().map_err(corrupt)?,
            },
            id_tag: Some(row.id_tag).filter(|tag| !tag.is_empty()),
            vehicle: row.vehicle_id.map(Into::into),
            state: word::read(&row.state)?,
            started_at: row.started_at,
            stopped_at: row.stopped_at,
            meter_start: Wh(row.meter_start_wh),
            meter_stop: row.meter_stop_wh.map(Wh),
            energy: Wh(row.energy_wh),
            soc_start: row.soc_start.map(soc).transpose()?,
            soc_end: row.soc_end.map(soc).transpose()?,
            stop_reason: row.stop_reason,
            flags: serde_json::from_value(row.flags).map_err(|_| StoreError::corrupt("transaction.flags"))?,
            latest,
            metering: Metering {
                carried: Wh(row.carried_wh),
                base: Wh(row.base_wh),
                register: row.register_at.zip(row.register_wh.map(Wh)),
            },
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

/// The whole row.
pub(super) fn model(transaction: &Transaction) -> Result<Model, StoreError> {
    let latest = transaction.latest.as_ref();
    let flags = serde_json::to_value(&transaction.flags);
    Ok(Model {
        number: transaction.number.0.into(),
        id: transaction.id.into(),
        organisation_id: transaction.organisation.into(),
        charge_point_id: transaction.place.charge_point.into(),
        depot_id: transaction.place.depot.into(),
        evse_id: transaction.place.evse.map(Into::into),
        evse_number: transaction.place.evse_number.into(),
        connector_number: transaction.place.connector.into(),
        id_tag: tag(transaction),
        vehicle_id: transaction.vehicle.map(Into::into),
        state: word::write(&transaction.state)?,
        started_at: transaction.started_at,
        stopped_at: transaction.stopped_at,
        meter_start_wh: transaction.meter_start.get(),
        meter_stop_wh: transaction.meter_stop.map(Wh::get),
        energy_wh: transaction.energy.get(),
        soc_start: transaction.soc_start.map(|soc| soc.hundredths().into()),
        soc_end: transaction.soc_end.map(|soc| soc.hundredths().into()),
        stop_reason: transaction.stop_reason.clone(),
        flags: flags.map_err(|_| StoreError::corrupt("flags that cannot be written"))?,
        latest_at: latest.map(|latest| latest.at),
        latest_power_w: latest.and_then(|latest| latest.power).map(W::get),
        latest_current_ma: latest.and_then(|latest| latest.current).map(MilliAmps::get),
        latest_soc: latest.and_then(|latest| latest.soc).map(|soc| soc.hundredths().into()),
        carried_wh: transaction.metering.carried.get(),
        base_wh: transaction.metering.base.get(),
        register_at: transaction.metering.register.map(|(at, _)| at),
        register_wh: transaction.metering.register.map(|(_, register)| register.get()),
        created_at: transaction.created_at,
        updated_at: transaction.updated_at,
    })
}

/// A row to be added; the engine gives the number.
pub(super) fn row(transaction: &Transaction) -> Result<ActiveModel, StoreError> {
    let whole = model(transaction)?.into_active_model().reset_all();
    Ok(ActiveModel { number: NotSet, ..whole })
}

/// What may change: everything but identity, number and natural key.
pub(super) fn changing_row(transaction: &Transaction) -> Result<ActiveModel, StoreError> {
    Ok(ActiveModel {
        id: NotSet,
        organisation_id: NotSet,
        charge_point_id: NotSet,
        connector_number: NotSet,
        id_tag: NotSet,
        started_at: NotSet,
        meter_start_wh: NotSet,
        created_at: NotSet,
        ..row(transaction)?
    })
}

/// The tag as the natural key has it.
pub(super) fn tag(transaction: &Transaction) -> String {
    transaction.id_tag.clone().unwrap_or_default()
}

pub(super) fn soc(hundredths: i64) -> Result<Soc, StoreError> {
    u16::try_from(hundredths)
        .ok()
        .and_then(Soc::from_hundredths)
        .ok_or_else(|| StoreError::corrupt("a state of charge outside 0 to 10000"))
}
