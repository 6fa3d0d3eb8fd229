//! A vehicle as partners see it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use vehicle::{SocSource, Vehicle};

#[derive(Serialize, ToSchema)]
#[schema(as = Vehicle)]
pub(crate) struct VehicleBody {
    id: Uuid,
    fleet_number: String,
    #[schema(required)]
    registration: Option<String>,
    #[schema(required)]
    vin: Option<String>,
    #[schema(required)]
    depot_id: Option<Uuid>,
    /// Usable capacity.
    battery_kwh: f64,
    target_soc_percent: f64,
    /// The observation that is believed.
    #[schema(required)]
    soc: Option<SocBody>,
    plugged_in: bool,
}

#[derive(Serialize, ToSchema)]
#[schema(as = VehicleSoc)]
pub(crate) struct SocBody {
    percent: f64,
    source: SourceWord,
    at: DateTime<Utc>,
}

#[derive(Clone, Copy, Serialize, ToSchema)]
#[schema(as = SocSource)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SourceWord {
    Charger,
    Telematics,
    Manual,
    Estimate,
}

impl From<Vehicle> for VehicleBody {
    fn from(vehicle: Vehicle) -> Self {
        Self {
            id: vehicle.id.into(),
            fleet_number: vehicle.fleet_number,
            registration: vehicle.registration,
            vin: vehicle.vin,
            depot_id: vehicle.depot.map(Into::into),
            battery_kwh: vehicle.battery.to_kilo(),
            target_soc_percent: vehicle.target_soc.to_percent(),
            soc: vehicle.soc.map(|observed| SocBody {
                percent: observed.soc.to_percent(),
                source: observed.source.into(),
                at: observed.at,
            }),
            plugged_in: vehicle.plugged_in.is_some(),
        }
    }
}

impl From<SocSource> for SourceWord {
    fn from(source: SocSource) -> Self {
        match source {
            SocSource::Charger => Self::Charger,
            SocSource::Telematics => Self::Telematics,
            SocSource::Manual => Self::Manual,
            SocSource::Estimate => Self::Estimate,
        }
    }
}
