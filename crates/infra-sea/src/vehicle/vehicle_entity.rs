//! Table `vehicle` and how a row becomes a [`Vehicle`].

use ::vehicle::{Precondition, PriorityLevel, SocObservation, Vehicle};
use kernel::{Soc, StoreError, Timestamp, Version, W, Wh};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

use crate::word;

#[derive(Clone, Debug, DeriveEntityModel)]
#[sea_orm(table_name = "vehicle")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub organisation_id: Uuid,
    pub version: i64,
    pub fleet_number: String,
    pub registration: Option<String>,
    pub vin: Option<String>,
    pub class: Option<String>,
    pub depot_id: Option<Uuid>,
    pub battery_wh: i64,
    pub max_ac_w: i64,
    pub max_dc_w: i64,
    pub efficiency_wh_per_km: Option<i64>,
    /// Hundredths of a percent, as is `soc`.
    pub target_soc: i64,
    pub priority_level: i64,
    pub precondition_w: Option<i64>,
    pub precondition_minutes: Option<i64>,
    pub out_of_service: bool,
    pub soc: Option<i64>,
    pub soc_source: Option<String>,
    pub soc_at: Option<Timestamp>,
    pub plugged_in_evse_id: Option<Uuid>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for Vehicle {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let observed = match (row.soc, row.soc_source, row.soc_at) {
            (Some(hundredths), Some(source), Some(at)) => {
                Some(SocObservation { soc: soc(hundredths)?, source: word::read(&source)?, at })
            }
            _ => None,
        };
        let level = u8::try_from(row.priority_level).ok().and_then(PriorityLevel::new);
        Ok(Self {
            id: row.id.into(),
            organisation: row.organisation_id.into(),
            version: Version(row.version),
            fleet_number: row.fleet_number,
            registration: row.registration,
            vin: row.vin,
            class: row.class,
            depot: row.depot_id.map(Into::into),
            battery: Wh(row.battery_wh),
            max_ac: W(row.max_ac_w),
            max_dc: W(row.max_dc_w),
            efficiency_wh_per_km: row.efficiency_wh_per_km,
            target_soc: soc(row.target_soc)?,
            priority_level: level.ok_or_else(|| StoreError::corrupt("vehicle.priority_level"))?,
            precondition: precondition(row.precondition_w, row.precondition_minutes)?,
            out_of_service: row.out_of_service,
            soc: observed,
            plugged_in: row.plugged_in_evse_id.map(Into::into),
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

/// The whole row.
pub(super) fn row(vehicle: &Vehicle) -> Result<ActiveModel, StoreError> {
    Ok(ActiveModel {
        id: Set(vehicle.id.into()),
        organisation_id: Set(vehicle.organisation.into()),
        created_at: Set(vehicle.created_at),
        soc: Set(vehicle.soc.map(|observed| observed.soc.hundredths().into())),
        soc_source: Set(vehicle.soc.map(|observed| word::write(&observed.source)).transpose()?),
        soc_at: Set(vehicle.soc.map(|observed| observed.at)),
        plugged_in_evse_id: Set(vehicle.plugged_in.map(Into::into)),
        ..kept_row(vehicle)
    })
}

/// What operators keep: everything but identity and live facts.
pub(super) fn kept_row(vehicle: &Vehicle) -> ActiveModel {
    ActiveModel {
        version: Set(vehicle.version.0),
        fleet_number: Set(vehicle.fleet_number.clone()),
        registration: Set(vehicle.registration.clone()),
        vin: Set(vehicle.vin.clone()),
        class: Set(vehicle.class.clone()),
        depot_id: Set(vehicle.depot.map(Into::into)),
        battery_wh: Set(vehicle.battery.get()),
        max_ac_w: Set(vehicle.max_ac.get()),
        max_dc_w: Set(vehicle.max_dc.get()),
        efficiency_wh_per_km: Set(vehicle.efficiency_wh_per_km),
        target_soc: Set(vehicle.target_soc.hundredths().into()),
        priority_level: Set(vehicle.priority_level.get().into()),
        precondition_w: Set(vehicle.precondition.map(|before| before.power.get())),
        precondition_minutes: Set(vehicle.precondition.map(|before| before.minutes.into())),
        out_of_service: Set(vehicle.out_of_service),
        updated_at: Set(vehicle.updated_at),
        ..Default::default()
    }
}

fn precondition(power: Option<i64>, minutes: Option<i64>) -> Result<Option<Precondition>, StoreError> {
    let (Some(power), Some(minutes)) = (power, minutes) else { return Ok(None) };
    let minutes = minutes.try_into().map_err(|_| StoreError::corrupt("vehicle.precondition_minutes"))?;
    Ok(Some(Precondition { power: W(power), minutes }))
}

fn soc(hundredths: i64) -> Result<Soc, StoreError> {
    u16::try_from(hundredths)
        .ok()
        .and_then(Soc::from_hundredths)
        .ok_or_else(|| StoreError::corrupt("a state of charge outside 0 to 10000"))
}
