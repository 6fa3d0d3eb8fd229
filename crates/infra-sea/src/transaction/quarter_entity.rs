//! Table `reading_quarter`.

use ::transaction::{Quarter, QuarterSums};
use kernel::{StoreError, Timestamp, W, Wh};
use sea_orm::{IntoActiveModel, entity::prelude::*};

use super::transaction_entity::soc;

#[derive(Clone, Debug, DeriveEntityModel)]
#[sea_orm(table_name = "reading_quarter")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub charge_point_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub connector_number: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub at: Timestamp,
    pub organisation_id: Uuid,
    pub depot_id: Uuid,
    pub energy_wh: i64,
    pub max_power_w: Option<i64>,
    pub mean_power_w: Option<i64>,
    pub soc_last: Option<i64>,
    pub readings: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for Quarter {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let corrupt = |_| StoreError::corrupt("a number of a quarter is out of range");
        Ok(Self {
            organisation: row.organisation_id.into(),
            depot: row.depot_id.into(),
            charge_point: row.charge_point_id.into(),
            connector: row.connector_number.try_into().map_err(corrupt)?,
            at: row.at,
            sums: QuarterSums {
                energy: Wh(row.energy_wh),
                max_power: row.max_power_w.map(W),
                mean_power: row.mean_power_w.map(W),
                soc_last: row.soc_last.map(soc).transpose()?,
                readings: row.readings.try_into().map_err(corrupt)?,
            },
        })
    }
}

pub(super) fn row(quarter: &Quarter) -> ActiveModel {
    let row = Model {
        charge_point_id: quarter.charge_point.into(),
        connector_number: quarter.connector.into(),
        at: quarter.at,
        organisation_id: quarter.organisation.into(),
        depot_id: quarter.depot.into(),
        energy_wh: quarter.sums.energy.get(),
        max_power_w: quarter.sums.max_power.map(W::get),
        mean_power_w: quarter.sums.mean_power.map(W::get),
        soc_last: quarter.sums.soc_last.map(|soc| soc.hundredths().into()),
        readings: quarter.sums.readings.into(),
    };
    row.into_active_model().reset_all()
}
