//! `POST /charge-points`

use axum::extract::State;
use charge_point::CreateChargePoint;
use http_kit::{Answer, Caller, Created, ValidJson};
use kernel::{MilliAmps, W};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    body::ChargePointBody,
    layout::EvseLayout,
    words::{CurrentWord, RateUnitsWord, RegistrationWord},
};
use crate::App;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChargePointCreate {
    /// The name it connects by, unique over the whole installation: letters, digits, spaces and
    /// `_-.:@*+=|`.
    #[schema(max_length = 48)]
    identity: String,
    depot_id: Uuid,
    /// In the same depot.
    circuit_id: Option<Uuid>,
    /// In the same depot.
    zone_id: Option<Uuid>,
    #[schema(minimum = 0.1, maximum = 10000)]
    max_power_kw: f64,
    /// None means one EVSE with one connector.
    #[serde(default)]
    evses: Vec<EvseLayout>,
    /// From the connectors, else `dc` above 43 kW.
    current_type: Option<CurrentWord>,
    #[schema(minimum = 100, maximum = 1000, default = 230)]
    voltage: Option<i64>,
    #[schema(minimum = 0, maximum = 80, default = 6)]
    min_current_amps: Option<f64>,
    #[schema(minimum = 0)]
    min_power_kw: Option<f64>,
    rate_units: Option<RateUnitsWord>,
    #[schema(minimum = 0)]
    offline_limit_kw: Option<f64>,
    /// For basic authentication; never shown.
    #[schema(min_length = 8, max_length = 64)]
    password: Option<String>,
    /// 1 with a password and 0 without, unless told.
    #[schema(minimum = 0, maximum = 3)]
    security_profile: Option<u8>,
    registration: Option<RegistrationWord>,
}

impl From<ChargePointCreate> for CreateChargePoint {
    fn from(body: ChargePointCreate) -> Self {
        Self {
            circuit: body.circuit_id.map(Into::into),
            zone: body.zone_id.map(Into::into),
            evses: body.evses.into_iter().map(Into::into).collect(),
            current: body.current_type.map(Into::into),
            voltage: body.voltage,
            min_current: body.min_current_amps.map(MilliAmps::from_kilo),
            min_power: body.min_power_kw.map(W::from_kilo),
            rate_units: body.rate_units.map(Into::into),
            offline_limit: body.offline_limit_kw.map(W::from_kilo),
            password: body.password,
            security_profile: body.security_profile,
            registration: body.registration.map(Into::into),
            ..Self::new(body.identity, body.depot_id.into(), W::from_kilo(body.max_power_kw))
        }
    }
}

/// Add a charge point. It may connect at once.
#[utoipa::path(
    post,
    path = "/charge-points",
    tag = "charge points",
    request_body = ChargePointCreate,
    responses((status = 201, description = "The charge point.", body = ChargePointBody,
               headers(("Location" = String), ("ETag" = String))))
)]
pub(crate) async fn charge_point_create(
    State(app): State<App>,
    Caller(scope): Caller,
    ValidJson(body): ValidJson<ChargePointCreate>,
) -> Answer<Created<ChargePointBody>> {
    let charge_point = app.charge_points.charge_point_create(&scope, body.into()).await?;
    let (location, version) = (format!("/api/v1/charge-points/{}", charge_point.id), charge_point.version);
    Ok(Created::new(location, ChargePointBody::from(charge_point)).version(version))
}
