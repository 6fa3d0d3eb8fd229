//! `POST /vehicles`

use axum::extract::State;
use http_kit::{Answer, Caller, Created, ValidJson};
use kernel::{Invalid, W, Wh};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use vehicle::{CreateVehicle, PriorityLevel};

use super::body::{VehicleBody, efficiency};
use crate::{App, units::soc};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VehicleCreate {
    /// Unique within the organisation.
    #[schema(max_length = 64)]
    fleet_number: String,
    #[schema(max_length = 32)]
    registration: Option<String>,
    /// ISO 3779: 17 letters and digits without I, O and Q.
    vin: Option<String>,
    /// The operator's own name of its class; runs may ask for one.
    #[schema(max_length = 40)]
    class: Option<String>,
    depot_id: Option<Uuid>,
    /// Usable capacity.
    #[schema(minimum = 1, maximum = 2000)]
    battery_kwh: f64,
    /// 0 where the vehicle charges by DC only.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 100)]
    max_ac_kw: f64,
    /// 0 where the vehicle charges by AC only.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 4000)]
    max_dc_kw: f64,
    #[schema(minimum = 0.05, maximum = 10)]
    efficiency_kwh_per_km: Option<f64>,
    #[serde(default = "usual_target")]
    #[schema(minimum = 1, maximum = 100, default = 90)]
    target_soc_percent: f64,
}

fn usual_target() -> f64 {
    90.0
}

impl VehicleCreate {
    fn command(self) -> Result<CreateVehicle, Invalid> {
        let mut invalid = Invalid::default();
        let command = CreateVehicle {
            fleet_number: self.fleet_number,
            registration: self.registration,
            vin: self.vin,
            class: self.class,
            depot: self.depot_id.map(Into::into),
            battery: Wh::from_kilo(self.battery_kwh),
            max_ac: W::from_kilo(self.max_ac_kw),
            max_dc: W::from_kilo(self.max_dc_kw),
            efficiency_wh_per_km: self.efficiency_kwh_per_km.map(efficiency),
            target_soc: soc("/target_soc_percent", self.target_soc_percent, &mut invalid),
            priority_level: PriorityLevel::default(),
            precondition: None,
        };
        invalid.into_result().map(|()| command)
    }
}

/// Add a vehicle to the fleet.
#[utoipa::path(
    post,
    path = "/vehicles",
    tag = "vehicles",
    request_body = VehicleCreate,
    responses((status = 201, description = "The vehicle.", body = VehicleBody,
               headers(("Location" = String), ("ETag" = String))))
)]
pub(crate) async fn vehicle_create(
    State(app): State<App>,
    Caller(scope): Caller,
    ValidJson(body): ValidJson<VehicleCreate>,
) -> Answer<Created<VehicleBody>> {
    let vehicle = app.vehicles.vehicle_create(&scope, body.command()?).await?;
    let (location, version) = (format!("/v1/vehicles/{}", vehicle.id), vehicle.version);
    Ok(Created::new(location, VehicleBody::from(vehicle)).version(version))
}
