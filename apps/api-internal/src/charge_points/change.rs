//! `PATCH /charge-points/{id}`

use axum::{Json, extract::State};
use charge_point::ChangeChargePoint;
use http_kit::{Answer, Caller, ETag, IfMatch, Patch, PathId, ValidJson, not_null};
use kernel::{ChargePointId, MilliAmps, W};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    body::ChargePointBody,
    layout::EvseLayout,
    words::{CurrentWord, RateUnitsWord, RegistrationWord},
};
use crate::App;

/// A merge patch: what is absent stays, `null` clears.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChargePointChange {
    #[serde(default, deserialize_with = "not_null")]
    identity: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    depot_id: Option<Uuid>,
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    circuit_id: Patch<Uuid>,
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    zone_id: Patch<Uuid>,
    #[serde(default, deserialize_with = "not_null")]
    max_power_kw: Option<f64>,
    /// Replaces all of them; those with a known number keep their id and their state.
    #[serde(default, deserialize_with = "not_null")]
    evses: Option<Vec<EvseLayout>>,
    #[serde(default, deserialize_with = "not_null")]
    current_type: Option<CurrentWord>,
    #[serde(default, deserialize_with = "not_null")]
    voltage: Option<i64>,
    #[serde(default, deserialize_with = "not_null")]
    min_current_amps: Option<f64>,
    #[serde(default, deserialize_with = "not_null")]
    min_power_kw: Option<f64>,
    /// `null` believes what the charger says.
    #[serde(default)]
    #[schema(value_type = Option<RateUnitsWord>)]
    rate_units: Patch<RateUnitsWord>,
    #[serde(default)]
    #[schema(value_type = Option<f64>)]
    offline_limit_kw: Patch<f64>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    password: Patch<String>,
    #[serde(default, deserialize_with = "not_null")]
    security_profile: Option<u8>,
    #[serde(default, deserialize_with = "not_null")]
    registration: Option<RegistrationWord>,
}

impl From<ChargePointChange> for ChangeChargePoint {
    fn from(body: ChargePointChange) -> Self {
        Self {
            identity: body.identity,
            depot: body.depot_id.map(Into::into),
            circuit: body.circuit_id.0.map(Into::into),
            zone: body.zone_id.0.map(Into::into),
            max_power: body.max_power_kw.map(W::from_kilo),
            evses: body.evses.map(|evses| evses.into_iter().map(Into::into).collect()),
            current: body.current_type.map(Into::into),
            voltage: body.voltage,
            min_current: body.min_current_amps.map(MilliAmps::from_kilo),
            min_power: body.min_power_kw.map(W::from_kilo),
            rate_units: body.rate_units.0.map(Into::into),
            offline_limit: body.offline_limit_kw.0.map(W::from_kilo),
            password: body.password.0,
            security_profile: body.security_profile,
            registration: body.registration.map(Into::into),
        }
    }
}

/// Change a charge point.
#[utoipa::path(
    patch,
    path = "/charge-points/{id}",
    tag = "charge points",
    params(("id" = Uuid, Path)),
    request_body = ChargePointChange,
    responses((status = 200, description = "The charge point as it is now.", body = ChargePointBody,
               headers(("ETag" = String))))
)]
pub(crate) async fn charge_point_change(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<ChargePointId>,
    IfMatch(expected): IfMatch,
    ValidJson(body): ValidJson<ChargePointChange>,
) -> Answer<(ETag, Json<ChargePointBody>)> {
    let charge_point = app.charge_points.charge_point_change(&scope, id, expected, body.into()).await?;
    Ok((ETag(charge_point.version), Json(charge_point.into())))
}
