//! `PATCH /vehicles/{id}`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, ETag, IfMatch, Patch, PathId, ValidJson, not_null};
use kernel::{Invalid, VehicleId, W, Wh};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use vehicle::ChangeVehicle;

use super::body::{VehicleBody, efficiency};
use crate::{App, units::soc};

/// A merge patch: what is absent stays, `null` clears.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VehicleChange {
    #[serde(default, deserialize_with = "not_null")]
    fleet_number: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    registration: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    vin: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    class: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    depot_id: Patch<Uuid>,
    #[serde(default, deserialize_with = "not_null")]
    battery_kwh: Option<f64>,
    #[serde(default, deserialize_with = "not_null")]
    max_ac_kw: Option<f64>,
    #[serde(default, deserialize_with = "not_null")]
    max_dc_kw: Option<f64>,
    #[serde(default)]
    #[schema(value_type = Option<f64>)]
    efficiency_kwh_per_km: Patch<f64>,
    #[serde(default, deserialize_with = "not_null")]
    target_soc_percent: Option<f64>,
    /// Whether it is withdrawn from duty.
    #[serde(default, deserialize_with = "not_null")]
    out_of_service: Option<bool>,
}

impl VehicleChange {
    fn command(self) -> Result<ChangeVehicle, Invalid> {
        let mut invalid = Invalid::default();
        let command = ChangeVehicle {
            fleet_number: self.fleet_number,
            registration: self.registration.0,
            vin: self.vin.0,
            class: self.class.0,
            depot: self.depot_id.0.map(Into::into),
            battery: self.battery_kwh.map(Wh::from_kilo),
            max_ac: self.max_ac_kw.map(W::from_kilo),
            max_dc: self.max_dc_kw.map(W::from_kilo),
            efficiency_wh_per_km: self.efficiency_kwh_per_km.0.map(efficiency),
            target_soc: self
                .target_soc_percent
                .map(|percent| soc("/target_soc_percent", percent, &mut invalid)),
            out_of_service: self.out_of_service,
            ..ChangeVehicle::default()
        };
        invalid.into_result().map(|()| command)
    }
}

/// Change a vehicle.
#[utoipa::path(
    patch,
    path = "/vehicles/{id}",
    tag = "vehicles",
    params(("id" = Uuid, Path)),
    request_body = VehicleChange,
    responses((status = 200, description = "The vehicle as it is now.", body = VehicleBody, headers(("ETag" = String))))
)]
pub(crate) async fn vehicle_change(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<VehicleId>,
    IfMatch(expected): IfMatch,
    ValidJson(body): ValidJson<VehicleChange>,
) -> Answer<(ETag, Json<VehicleBody>)> {
    let vehicle = app.vehicles.vehicle_change(&scope, id, expected, body.command()?).await?;
    Ok((ETag(vehicle.version), Json(vehicle.into())))
}
