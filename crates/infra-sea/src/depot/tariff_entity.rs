//! Table `electricity_tariff` and how a row becomes an [`ElectricityTariff`].

use ::depot::{ElectricityTariff, Price};
use kernel::{StoreError, Timestamp, Version, W};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

#[derive(Clone, Debug, DeriveEntityModel)]
#[sea_orm(table_name = "electricity_tariff")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub depot_id: Uuid,
    pub organisation_id: Uuid,
    pub version: i64,
    pub currency: String,
    /// Exact decimals as texts: SQLite would make them floats.
    pub base_price: String,
    pub bands: Json,
    pub demand_charge: Option<String>,
    pub demand_target_w: Option<i64>,
    pub may_break_demand_target: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for ElectricityTariff {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let price = |text: &str| Price::parse(text).map_err(|_| StoreError::corrupt("a price"));
        Ok(Self {
            organisation: row.organisation_id.into(),
            depot: row.depot_id.into(),
            version: Version(row.version),
            currency: row.currency,
            base_price: price(&row.base_price)?,
            bands: serde_json::from_value(row.bands).map_err(|_| StoreError::corrupt("tariff.bands"))?,
            demand_charge: row.demand_charge.as_deref().map(price).transpose()?,
            demand_target: row.demand_target_w.map(W),
            may_break_demand_target: row.may_break_demand_target,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

pub(super) fn row(tariff: &ElectricityTariff) -> Result<ActiveModel, StoreError> {
    let bands = serde_json::to_value(&tariff.bands);
    Ok(ActiveModel {
        depot_id: Set(tariff.depot.into()),
        organisation_id: Set(tariff.organisation.into()),
        version: Set(tariff.version.0),
        currency: Set(tariff.currency.clone()),
        base_price: Set(tariff.base_price.to_string()),
        bands: Set(bands.map_err(|_| StoreError::corrupt("bands that cannot be written"))?),
        demand_charge: Set(tariff.demand_charge.map(|price| price.to_string())),
        demand_target_w: Set(tariff.demand_target.map(W::get)),
        may_break_demand_target: Set(tariff.may_break_demand_target),
        created_at: Set(tariff.created_at),
        updated_at: Set(tariff.updated_at),
    })
}
