//! Table `charge_point` and how a row with its EVSEs becomes a [`ChargePoint`].

use ::charge_point::{ChargePoint, ChargePointLive, Electrics, Evse, Generation, Identity, PasswordHash};
use kernel::{MilliAmps, StoreError, Timestamp, Version, W};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

use super::json;
use crate::word;

#[derive(Clone, Debug, DeriveEntityModel)]
#[sea_orm(table_name = "charge_point")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub organisation_id: Uuid,
    pub version: i64,
    pub identity: String,
    pub depot_id: Uuid,
    pub circuit_id: Option<Uuid>,
    pub zone_id: Option<Uuid>,
    pub max_power_w: i64,
    pub current_type: String,
    pub voltage: i64,
    pub min_current_ma: i64,
    pub min_power_w: i64,
    pub rate_units: Option<String>,
    pub offline_limit_w: Option<i64>,
    pub security_profile: i64,
    pub password_hash: Option<String>,
    pub registration: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub vendor: Option<String>,
    pub model: Option<String>,
    pub serial: Option<String>,
    pub firmware: Option<String>,
    pub booted_at: Option<Timestamp>,
    pub protocol: Option<String>,
    pub online: bool,
    pub generation: i64,
    pub connection_changed_at: Option<Timestamp>,
    pub last_seen_at: Option<Timestamp>,
    /// What "connector 0" last said.
    pub whole: Json,
    pub firmware_status: Option<Json>,
    pub diagnostics_status: Option<Json>,
    pub capabilities: Json,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    pub(super) fn with(self, evses: Vec<Evse>) -> Result<ChargePoint, StoreError> {
        let identity = Identity::parse("/identity", &self.identity);
        let security_profile = u8::try_from(self.security_profile);
        Ok(ChargePoint {
            id: self.id.into(),
            organisation: self.organisation_id.into(),
            version: Version(self.version),
            identity: identity.map_err(|_| StoreError::corrupt("charge_point.identity"))?,
            depot: self.depot_id.into(),
            circuit: self.circuit_id.map(Into::into),
            zone: self.zone_id.map(Into::into),
            max_power: W(self.max_power_w),
            electrics: Electrics {
                current: word::read(&self.current_type)?,
                voltage: self.voltage,
                min_current: MilliAmps(self.min_current_ma),
                min_power: W(self.min_power_w),
                rate_units: self.rate_units.as_deref().map(word::read).transpose()?,
                offline_limit: self.offline_limit_w.map(W),
            },
            security_profile: security_profile
                .map_err(|_| StoreError::corrupt("charge_point.security_profile"))?,
            password_hash: self.password_hash.map(PasswordHash::new),
            registration: word::read(&self.registration)?,
            evses,
            created_at: self.created_at,
            updated_at: self.updated_at,
            live: ChargePointLive {
                vendor: self.vendor,
                model: self.model,
                serial: self.serial,
                firmware: self.firmware,
                booted_at: self.booted_at,
                protocol: self.protocol.as_deref().map(word::read).transpose()?,
                online: self.online,
                generation: Generation(self.generation),
                connection_changed_at: self.connection_changed_at,
                last_seen_at: self.last_seen_at,
                whole: json::read(self.whole)?,
                firmware_status: self.firmware_status.map(json::read).transpose()?,
                diagnostics_status: self.diagnostics_status.map(json::read).transpose()?,
                capabilities: json::read(self.capabilities)?,
            },
        })
    }
}

/// The whole row.
pub(super) fn row(charge_point: &ChargePoint) -> Result<ActiveModel, StoreError> {
    let live = live_row(&charge_point.live)?;
    Ok(ActiveModel {
        id: Set(charge_point.id.into()),
        organisation_id: Set(charge_point.organisation.into()),
        created_at: Set(charge_point.created_at),
        vendor: live.vendor,
        model: live.model,
        serial: live.serial,
        firmware: live.firmware,
        booted_at: live.booted_at,
        protocol: live.protocol,
        online: live.online,
        generation: live.generation,
        connection_changed_at: live.connection_changed_at,
        last_seen_at: live.last_seen_at,
        whole: live.whole,
        firmware_status: live.firmware_status,
        diagnostics_status: live.diagnostics_status,
        capabilities: live.capabilities,
        ..kept_row(charge_point)?
    })
}

/// What operators keep: everything but the id, the organisation and the live facts.
pub(super) fn kept_row(charge_point: &ChargePoint) -> Result<ActiveModel, StoreError> {
    let electrics = &charge_point.electrics;
    Ok(ActiveModel {
        version: Set(charge_point.version.0),
        identity: Set(charge_point.identity.as_str().to_owned()),
        depot_id: Set(charge_point.depot.into()),
        circuit_id: Set(charge_point.circuit.map(Into::into)),
        zone_id: Set(charge_point.zone.map(Into::into)),
        max_power_w: Set(charge_point.max_power.get()),
        current_type: Set(word::write(&electrics.current)?),
        voltage: Set(electrics.voltage),
        min_current_ma: Set(electrics.min_current.get()),
        min_power_w: Set(electrics.min_power.get()),
        rate_units: Set(electrics.rate_units.as_ref().map(word::write).transpose()?),
        offline_limit_w: Set(electrics.offline_limit.map(W::get)),
        security_profile: Set(charge_point.security_profile.into()),
        password_hash: Set(charge_point.password_hash.as_ref().map(|hash| hash.expose().to_owned())),
        registration: Set(word::write(&charge_point.registration)?),
        updated_at: Set(charge_point.updated_at),
        ..Default::default()
    })
}

/// What the charger said.
pub(super) fn live_row(live: &ChargePointLive) -> Result<ActiveModel, StoreError> {
    Ok(ActiveModel {
        vendor: Set(live.vendor.clone()),
        model: Set(live.model.clone()),
        serial: Set(live.serial.clone()),
        firmware: Set(live.firmware.clone()),
        booted_at: Set(live.booted_at),
        protocol: Set(live.protocol.as_ref().map(word::write).transpose()?),
        online: Set(live.online),
        generation: Set(live.generation.0),
        connection_changed_at: Set(live.connection_changed_at),
        last_seen_at: Set(live.last_seen_at),
        whole: Set(json::write(&live.whole)?),
        firmware_status: Set(live.firmware_status.as_ref().map(json::write).transpose()?),
        diagnostics_status: Set(live.diagnostics_status.as_ref().map(json::write).transpose()?),
        capabilities: Set(json::write(&live.capabilities)?),
        ..Default::default()
    })
}
