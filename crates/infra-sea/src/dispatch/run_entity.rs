//! Table `run` and how a row becomes a [`Run`].

use ::dispatch::{Readiness, Run};
use chrono::NaiveDate;
use kernel::{PriorityLevel, Soc, StoreError, Timestamp, Version, Wh};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

use crate::word;

#[derive(Clone, Debug, DeriveEntityModel)]
#[sea_orm(table_name = "run")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub organisation_id: Uuid,
    pub version: i64,
    pub depot_id: Uuid,
    pub service_date: NaiveDate,
    pub block: String,
    pub departure_at: Timestamp,
    pub arrival_at: Timestamp,
    pub distance_m: Option<i64>,
    pub energy_required_wh: Option<i64>,
    /// Hundredths of a percent, as are all states of charge.
    pub required_soc: Option<i64>,
    pub minimum_soc: i64,
    pub vehicle_id: Option<Uuid>,
    pub vehicle_class: Option<String>,
    pub priority_level: Option<i64>,
    pub series_id: Option<Uuid>,
    pub series_date: Option<NaiveDate>,
    pub by_hand: bool,
    pub state: String,
    pub departed_at: Option<Timestamp>,
    pub readiness: String,
    pub predicted_soc: Option<i64>,
    pub predicted_ready_at: Option<Timestamp>,
    pub shortfall_wh: i64,
    pub cause: Option<String>,
    pub assessed_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for Run {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let readiness = Readiness {
            state: word::read(&row.readiness)?,
            predicted_soc: row.predicted_soc.map(soc).transpose()?,
            predicted_ready_at: row.predicted_ready_at,
            shortfall: Wh(row.shortfall_wh),
            cause: row.cause.as_deref().map(word::read).transpose()?,
            assessed_at: row.assessed_at,
        };
        Ok(Self {
            id: row.id.into(),
            organisation: row.organisation_id.into(),
            version: Version(row.version),
            depot: row.depot_id.into(),
            service_date: row.service_date,
            block: row.block,
            departure_at: row.departure_at,
            arrival_at: row.arrival_at,
            distance_m: row.distance_m,
            energy_required: row.energy_required_wh.map(Wh),
            required_soc: row.required_soc.map(soc).transpose()?,
            minimum_soc: soc(row.minimum_soc)?,
            vehicle: row.vehicle_id.map(Into::into),
            vehicle_class: row.vehicle_class,
            priority_level: row.priority_level.map(level).transpose()?,
            series: row.series_id.map(Into::into),
            series_date: row.series_date,
            by_hand: row.by_hand,
            state: word::read(&row.state)?,
            departed_at: row.departed_at,
            readiness,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

/// The whole row.
pub(super) fn row(run: &Run) -> Result<ActiveModel, StoreError> {
    let readiness = &run.readiness;
    Ok(ActiveModel {
        id: Set(run.id.into()),
        organisation_id: Set(run.organisation.into()),
        version: Set(run.version.0),
        depot_id: Set(run.depot.into()),
        service_date: Set(run.service_date),
        block: Set(run.block.clone()),
        departure_at: Set(run.departure_at),
        arrival_at: Set(run.arrival_at),
        distance_m: Set(run.distance_m),
        energy_required_wh: Set(run.energy_required.map(Wh::get)),
        required_soc: Set(run.required_soc.map(|soc| soc.hundredths().into())),
        minimum_soc: Set(run.minimum_soc.hundredths().into()),
        vehicle_id: Set(run.vehicle.map(Into::into)),
        vehicle_class: Set(run.vehicle_class.clone()),
        priority_level: Set(run.priority_level.map(|level| level.get().into())),
        series_id: Set(run.series.map(Into::into)),
        series_date: Set(run.series_date),
        by_hand: Set(run.by_hand),
        state: Set(word::write(&run.state)?),
        departed_at: Set(run.departed_at),
        readiness: Set(word::write(&readiness.state)?),
        predicted_soc: Set(readiness.predicted_soc.map(|soc| soc.hundredths().into())),
        predicted_ready_at: Set(readiness.predicted_ready_at),
        shortfall_wh: Set(readiness.shortfall.get()),
        cause: Set(readiness.cause.as_ref().map(word::write).transpose()?),
        assessed_at: Set(readiness.assessed_at),
        created_at: Set(run.created_at),
        updated_at: Set(run.updated_at),
    })
}

pub(super) fn soc(hundredths: i64) -> Result<Soc, StoreError> {
    u16::try_from(hundredths)
        .ok()
        .and_then(Soc::from_hundredths)
        .ok_or_else(|| StoreError::corrupt("a state of charge outside 0 to 10000"))
}

pub(super) fn level(level: i64) -> Result<PriorityLevel, StoreError> {
    let level = u8::try_from(level).ok().and_then(PriorityLevel::new);
    level.ok_or_else(|| StoreError::corrupt("a priority level outside 1 to 9"))
}
