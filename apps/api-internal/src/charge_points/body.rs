//! A charge point as callers see it.

use charge_point::{ChargePoint, Connector, Evse, Progress};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::words::{
    AvailabilityWord, CurrentWord, ProtocolWord, RateUnitsWord, RegistrationWord, RotationWord, StatusWord,
};

#[derive(Serialize, ToSchema)]
#[schema(as = ChargePoint)]
pub(crate) struct ChargePointBody {
    id: Uuid,
    /// The name it connects by: the last segment of its URL.
    identity: String,
    depot_id: Uuid,
    /// The circuit that feeds it; the grid connection of its depot where none is named.
    #[schema(required)]
    circuit_id: Option<Uuid>,
    #[schema(required)]
    zone_id: Option<Uuid>,
    max_power_kw: f64,
    current_type: CurrentWord,
    /// Volts between phase and neutral.
    voltage: i64,
    /// The least current per phase; below it charging pauses.
    min_current_amps: f64,
    /// The least power it charges with.
    min_power_kw: f64,
    /// The operator's word, else what the charger said.
    #[schema(required)]
    rate_units: Option<RateUnitsWord>,
    /// What it may draw, by its own settings, when the connection is lost.
    #[schema(required)]
    offline_limit_kw: Option<f64>,
    security_profile: u8,
    has_password: bool,
    registration: RegistrationWord,
    evses: Vec<EvseBody>,
    #[schema(required)]
    vendor: Option<String>,
    #[schema(required)]
    model: Option<String>,
    #[schema(required)]
    serial: Option<String>,
    #[schema(required)]
    firmware: Option<String>,
    #[schema(required)]
    protocol: Option<ProtocolWord>,
    /// Whether it is connected.
    online: bool,
    /// When it last connected or was lost.
    #[schema(required)]
    connection_changed_at: Option<DateTime<Utc>>,
    /// To within half a minute.
    #[schema(required)]
    last_seen_at: Option<DateTime<Utc>>,
    #[schema(required)]
    booted_at: Option<DateTime<Utc>>,
    /// What it says of itself as a whole.
    status: StatusWord,
    #[schema(required)]
    error_code: Option<String>,
    /// What the operator wants of it as a whole.
    wanted_availability: AvailabilityWord,
    #[schema(required)]
    firmware_status: Option<ProgressBody>,
    #[schema(required)]
    diagnostics_status: Option<ProgressBody>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Evse)]
pub(crate) struct EvseBody {
    id: Uuid,
    number: u16,
    phase_rotation: RotationWord,
    connectors: Vec<ConnectorBody>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Connector)]
pub(crate) struct ConnectorBody {
    number: u16,
    /// Counted over the whole charge point, as orders and OCPP 1.6 name it.
    connector_number: u16,
    standard: String,
    max_power_kw: f64,
    phases: u8,
    status: StatusWord,
    #[schema(required)]
    error_code: Option<String>,
    #[schema(required)]
    status_info: Option<String>,
    #[schema(required)]
    status_at: Option<DateTime<Utc>>,
    /// What the operator wants.
    wanted_availability: AvailabilityWord,
    /// What the charger says, once it did.
    #[schema(required)]
    availability: Option<AvailabilityWord>,
}

/// How far a long job of the charger is, in the protocol's word.
#[derive(Serialize, ToSchema)]
#[schema(as = ChargerProgress)]
pub(crate) struct ProgressBody {
    status: String,
    at: DateTime<Utc>,
}

impl From<ChargePoint> for ChargePointBody {
    fn from(charge_point: ChargePoint) -> Self {
        let rate_units = charge_point.rate_units();
        let ChargePoint { electrics, live, .. } = charge_point;
        Self {
            id: charge_point.id.into(),
            identity: charge_point.identity.to_string(),
            depot_id: charge_point.depot.into(),
            circuit_id: charge_point.circuit.map(Into::into),
            zone_id: charge_point.zone.map(Into::into),
            max_power_kw: charge_point.max_power.to_kilo(),
            current_type: electrics.current.into(),
            voltage: electrics.voltage,
            min_current_amps: electrics.min_current.to_kilo(),
            min_power_kw: electrics.min_power.to_kilo(),
            rate_units: rate_units.map(Into::into),
            offline_limit_kw: electrics.offline_limit.map(kernel::W::to_kilo),
            security_profile: charge_point.security_profile,
            has_password: charge_point.password_hash.is_some(),
            registration: charge_point.registration.into(),
            evses: charge_point.evses.into_iter().map(Into::into).collect(),
            wanted_availability: live.wanted().into(),
            status: live.whole.status().into(),
            error_code: live.whole.report.and_then(|report| report.error_code),
            vendor: live.vendor,
            model: live.model,
            serial: live.serial,
            firmware: live.firmware,
            protocol: live.protocol.map(Into::into),
            online: live.online,
            connection_changed_at: live.connection_changed_at,
            last_seen_at: live.last_seen_at,
            booted_at: live.booted_at,
            firmware_status: live.firmware_status.map(Into::into),
            diagnostics_status: live.diagnostics_status.map(Into::into),
            created_at: charge_point.created_at,
            updated_at: charge_point.updated_at,
        }
    }
}

impl From<Evse> for EvseBody {
    fn from(evse: Evse) -> Self {
        Self {
            id: evse.id.into(),
            number: evse.number,
            phase_rotation: evse.rotation.into(),
            connectors: evse.connectors.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<Connector> for ConnectorBody {
    fn from(connector: Connector) -> Self {
        let status = connector.live.status().into();
        let (error_code, status_info, status_at) = match connector.live.report {
            Some(report) => (report.error_code, report.info, Some(report.at)),
            None => (None, None, None),
        };
        Self {
            number: connector.number,
            connector_number: connector.flat_number,
            standard: connector.standard.to_string(),
            max_power_kw: connector.max_power.to_kilo(),
            phases: connector.phases,
            status,
            error_code,
            status_info,
            status_at,
            wanted_availability: connector.live.wanted.into(),
            availability: connector.live.reported.map(Into::into),
        }
    }
}

impl From<Progress> for ProgressBody {
    fn from(progress: Progress) -> Self {
        Self { status: progress.status, at: progress.at }
    }
}
