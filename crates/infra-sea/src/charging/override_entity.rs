//! Table `charging_override` and how a row becomes a [`ChargingOverride`].

use ::charging::overrides::{ChargingOverride, OverrideTarget};
use kernel::{StoreError, Timestamp, Version};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

use super::{read, written};

#[derive(Clone, Debug, DeriveEntityModel)]
#[sea_orm(table_name = "charging_override")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub organisation_id: Uuid,
    pub version: i64,
    /// One of the three.
    pub charge_point_id: Option<Uuid>,
    pub evse_id: Option<Uuid>,
    pub vehicle_id: Option<Uuid>,
    pub action: Json,
    pub reason: String,
    pub expires_at: Timestamp,
    pub created_by: Json,
    pub created_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for ChargingOverride {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let target = match (row.charge_point_id, row.evse_id, row.vehicle_id) {
            (Some(charge_point), None, None) => OverrideTarget::ChargePoint(charge_point.into()),
            (None, Some(evse), None) => OverrideTarget::Evse(evse.into()),
            (None, None, Some(vehicle)) => OverrideTarget::Vehicle(vehicle.into()),
            _ => return Err(StoreError::corrupt("a charging override of not exactly one thing")),
        };
        Ok(Self {
            id: row.id.into(),
            organisation: row.organisation_id.into(),
            version: Version(row.version),
            target,
            action: read(row.action)?,
            reason: row.reason,
            expires_at: row.expires_at,
            created_by: read(row.created_by)?,
            created_at: row.created_at,
        })
    }
}

pub(super) fn row(over: &ChargingOverride) -> Result<ActiveModel, StoreError> {
    let (mut charge_point, mut evse, mut vehicle) = (None, None, None);
    match over.target {
        OverrideTarget::ChargePoint(id) => charge_point = Some(id.into()),
        OverrideTarget::Evse(id) => evse = Some(id.into()),
        OverrideTarget::Vehicle(id) => vehicle = Some(id.into()),
    }
    Ok(ActiveModel {
        id: Set(over.id.into()),
        organisation_id: Set(over.organisation.into()),
        version: Set(over.version.0),
        charge_point_id: Set(charge_point),
        evse_id: Set(evse),
        vehicle_id: Set(vehicle),
        action: Set(written(&over.action)?),
        reason: Set(over.reason.clone()),
        expires_at: Set(over.expires_at),
        created_by: Set(written(&over.created_by)?),
        created_at: Set(over.created_at),
    })
}
