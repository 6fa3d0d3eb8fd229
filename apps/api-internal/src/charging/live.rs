//! `GET /depots/{id}/live`

use axum::{Json, extract::State};
use charging::LiveState;
use chrono::{DateTime, Utc};
use http_kit::{Answer, Caller, PathId};
use kernel::{DepotId, MilliAmps, Soc, W, Wh};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{App, charge_points::words::StatusWord};

#[derive(Serialize, ToSchema)]
#[schema(as = DepotLive)]
pub(crate) struct LiveBody {
    /// By charge point, EVSE and connector.
    connectors: Vec<ConnectorBody>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = LiveConnector)]
pub(crate) struct ConnectorBody {
    charge_point_id: Uuid,
    identity: String,
    evse_id: Uuid,
    evse_number: u16,
    connector_number: u16,
    online: bool,
    status: StatusWord,
    /// The transaction that is open here.
    #[schema(required)]
    transaction_id: Option<Uuid>,
    #[schema(required)]
    vehicle_id: Option<Uuid>,
    /// The limit that the EVSE was last told; null where it was told none.
    #[schema(required)]
    setpoint_kw: Option<f64>,
    /// When the meter last said anything.
    #[schema(required)]
    measured_at: Option<DateTime<Utc>>,
    #[schema(required)]
    power_kw: Option<f64>,
    /// The register of imported energy.
    #[schema(required)]
    register_kwh: Option<f64>,
    /// Of the most loaded phase.
    #[schema(required)]
    current_amps: Option<f64>,
    /// Between phase and neutral.
    #[schema(required)]
    voltage: Option<f64>,
    #[schema(required)]
    soc_percent: Option<f64>,
}

impl From<LiveState> for ConnectorBody {
    fn from(state: LiveState) -> Self {
        Self {
            charge_point_id: state.charge_point.into(),
            identity: state.identity,
            evse_id: state.evse.into(),
            evse_number: state.evse_number,
            connector_number: state.connector_number,
            online: state.online,
            status: state.status.into(),
            transaction_id: state.transaction.map(Into::into),
            vehicle_id: state.vehicle.map(Into::into),
            setpoint_kw: state.setpoint.map(W::to_kilo),
            measured_at: state.at,
            power_kw: state.power.map(W::to_kilo),
            register_kwh: state.register.map(Wh::to_kilo),
            current_amps: state.current.map(MilliAmps::to_kilo),
            voltage: state.voltage_millivolts.map(|millivolts| Wh(millivolts).to_kilo()),
            soc_percent: state.soc.map(Soc::to_percent),
        }
    }
}

/// What every connector is doing this moment.
#[utoipa::path(
    get,
    path = "/depots/{id}/live",
    tag = "charging",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "Every connector of the depot.", body = LiveBody))
)]
pub(crate) async fn depot_live(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(depot): PathId<DepotId>,
) -> Answer<Json<LiveBody>> {
    let found = app.live.depot_live(&scope, depot).await?;
    Ok(Json(LiveBody { connectors: found.into_iter().map(ConnectorBody::from).collect() }))
}
