//! A charge point as partners see it.

use charge_point::{ChargePoint, Connector, Evse};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::words::{AvailabilityWord, ProtocolWord, StatusWord};

#[derive(Serialize, ToSchema)]
#[schema(as = ChargePoint)]
pub(crate) struct ChargePointBody {
    id: Uuid,
    /// The name it connects by.
    identity: String,
    depot_id: Uuid,
    max_power_kw: f64,
    #[schema(required)]
    vendor: Option<String>,
    #[schema(required)]
    model: Option<String>,
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
    /// What it says of itself as a whole.
    status: StatusWord,
    /// What the operator wants of it as a whole.
    availability: AvailabilityWord,
    evses: Vec<EvseBody>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Evse)]
pub(crate) struct EvseBody {
    id: Uuid,
    number: u16,
    connectors: Vec<ConnectorBody>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Connector)]
pub(crate) struct ConnectorBody {
    number: u16,
    /// Counted over the whole charge point, as commands and transactions name it.
    connector_number: u16,
    standard: String,
    max_power_kw: f64,
    status: StatusWord,
    /// When the charger said so; null until it says something.
    #[schema(required)]
    status_at: Option<DateTime<Utc>>,
    /// The charger's word for what is wrong.
    #[schema(required)]
    error_code: Option<String>,
    /// What the operator wants of it.
    availability: AvailabilityWord,
}

impl From<ChargePoint> for ChargePointBody {
    fn from(charge_point: ChargePoint) -> Self {
        let live = charge_point.live;
        Self {
            id: charge_point.id.into(),
            identity: charge_point.identity.to_string(),
            depot_id: charge_point.depot.into(),
            max_power_kw: charge_point.max_power.to_kilo(),
            availability: live.wanted().into(),
            status: live.whole.status().into(),
            vendor: live.vendor,
            model: live.model,
            protocol: live.protocol.map(Into::into),
            online: live.online,
            connection_changed_at: live.connection_changed_at,
            last_seen_at: live.last_seen_at,
            evses: charge_point.evses.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<Evse> for EvseBody {
    fn from(evse: Evse) -> Self {
        Self {
            id: evse.id.into(),
            number: evse.number,
            connectors: evse.connectors.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<Connector> for ConnectorBody {
    fn from(connector: Connector) -> Self {
        let status = connector.live.status().into();
        let (error_code, status_at) =
            connector.live.report.map_or((None, None), |report| (report.error_code, Some(report.at)));
        Self {
            number: connector.number,
            connector_number: connector.flat_number,
            standard: connector.standard.to_string(),
            max_power_kw: connector.max_power.to_kilo(),
            status,
            status_at,
            error_code,
            availability: connector.live.wanted.into(),
        }
    }
}
