//! Table `depot` and how a row becomes a [`Depot`].

use ::depot::{Depot, GeoPoint};
use kernel::{StoreError, Timestamp, Version};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

use crate::word;

#[derive(Clone, Debug, DeriveEntityModel)]
#[sea_orm(table_name = "depot")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub organisation_id: Uuid,
    pub version: i64,
    pub code: String,
    pub name: String,
    pub time_zone: String,
    pub address: Option<String>,
    pub latitude: Option<f64>,
    pub longitude: Option<f64>,
    pub charging_strategy: String,
    pub use_spare_room: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for Depot {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let location = match row.latitude.zip(row.longitude) {
            Some((latitude, longitude)) => Some(
                GeoPoint::new(latitude, longitude).ok_or_else(|| StoreError::corrupt("depot.latitude"))?,
            ),
            None => None,
        };
        Ok(Self {
            id: row.id.into(),
            organisation: row.organisation_id.into(),
            version: Version(row.version),
            code: row.code,
            name: row.name,
            time_zone: row.time_zone.parse().map_err(|_| StoreError::corrupt("depot.time_zone"))?,
            address: row.address,
            location,
            charging_strategy: word::read(&row.charging_strategy)?,
            use_spare_room: row.use_spare_room,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

pub(super) fn row(depot: &Depot) -> Result<ActiveModel, StoreError> {
    Ok(ActiveModel {
        id: Set(depot.id.into()),
        organisation_id: Set(depot.organisation.into()),
        version: Set(depot.version.0),
        code: Set(depot.code.clone()),
        name: Set(depot.name.clone()),
        time_zone: Set(depot.time_zone.to_string()),
        address: Set(depot.address.clone()),
        latitude: Set(depot.location.map(GeoPoint::latitude)),
        longitude: Set(depot.location.map(GeoPoint::longitude)),
        charging_strategy: Set(word::write(&depot.charging_strategy)?),
        use_spare_room: Set(depot.use_spare_room),
        created_at: Set(depot.created_at),
        updated_at: Set(depot.updated_at),
    })
}
