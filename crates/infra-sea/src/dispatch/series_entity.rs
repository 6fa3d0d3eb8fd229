//! Table `run_series` and how a row becomes a [`RunSeries`].

use ::dispatch::{Duty, RunSeries};
use chrono::NaiveDate;
use kernel::{StoreError, Timestamp, Version, Wh};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

use super::run_entity::{level, soc};

#[derive(Clone, Debug, DeriveEntityModel)]
#[sea_orm(table_name = "run_series")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub organisation_id: Uuid,
    pub version: i64,
    pub depot_id: Uuid,
    pub block: String,
    pub recurrence: Json,
    /// The last day of `recurrence`, to find those that are over.
    pub ends_on: Option<NaiveDate>,
    pub distance_m: Option<i64>,
    pub energy_required_wh: Option<i64>,
    pub required_soc: Option<i64>,
    pub minimum_soc: i64,
    pub vehicle_id: Option<Uuid>,
    pub vehicle_class: Option<String>,
    pub priority_level: Option<i64>,
    pub made_until: Option<NaiveDate>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for RunSeries {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let recurrence = serde_json::from_value(row.recurrence)
            .map_err(|_| StoreError::corrupt("run_series.recurrence"))?;
        Ok(Self {
            id: row.id.into(),
            organisation: row.organisation_id.into(),
            version: Version(row.version),
            depot: row.depot_id.into(),
            block: row.block,
            recurrence,
            duty: Duty {
                distance_m: row.distance_m,
                energy_required: row.energy_required_wh.map(Wh),
                required_soc: row.required_soc.map(soc).transpose()?,
                minimum_soc: soc(row.minimum_soc)?,
                vehicle: row.vehicle_id.map(Into::into),
                vehicle_class: row.vehicle_class,
                priority_level: row.priority_level.map(level).transpose()?,
            },
            made_until: row.made_until,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

/// The whole row.
pub(super) fn row(series: &RunSeries) -> Result<ActiveModel, StoreError> {
    Ok(ActiveModel {
        id: Set(series.id.into()),
        organisation_id: Set(series.organisation.into()),
        depot_id: Set(series.depot.into()),
        made_until: Set(series.made_until),
        created_at: Set(series.created_at),
        ..kept_row(series)?
    })
}

/// What operators keep: everything but identity and how far its runs have been made.
pub(super) fn kept_row(series: &RunSeries) -> Result<ActiveModel, StoreError> {
    let duty = &series.duty;
    let recurrence = serde_json::to_value(&series.recurrence)
        .map_err(|_| StoreError::corrupt("a recurrence that cannot be written"))?;
    Ok(ActiveModel {
        version: Set(series.version.0),
        block: Set(series.block.clone()),
        recurrence: Set(recurrence),
        ends_on: Set(series.recurrence.until),
        distance_m: Set(duty.distance_m),
        energy_required_wh: Set(duty.energy_required.map(Wh::get)),
        required_soc: Set(duty.required_soc.map(|soc| soc.hundredths().into())),
        minimum_soc: Set(duty.minimum_soc.hundredths().into()),
        vehicle_id: Set(duty.vehicle.map(Into::into)),
        vehicle_class: Set(duty.vehicle_class.clone()),
        priority_level: Set(duty.priority_level.map(|level| level.get().into())),
        updated_at: Set(series.updated_at),
        ..Default::default()
    })
}
