//! A vehicle as partners see it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use vehicle::{SocSource, Vehicle};

use crate::words::words;

#[derive(Serialize, ToSchema)]
#[schema(as = Vehicle)]
pub(crate) struct VehicleBody {
    id: Uuid,
    fleet_number: String,
    #[schema(required)]
    registration: Option<String>,
    #[schema(required)]
    vin: Option<String>,
    /// The operator's own name of its class; runs may ask for one.
    #[schema(required)]
    class: Option<String>,
    #[schema(required)]
    depot_id: Option<Uuid>,
    /// Usable capacity.
    battery_kwh: f64,
    /// 0 where it charges by DC only.
    max_ac_kw: f64,
    /// 0 where it charges by AC only.
    max_dc_kw: f64,
    #[schema(required)]
    efficiency_kwh_per_km: Option<f64>,
    target_soc_percent: f64,
    /// The observation that is believed.
    #[schema(required)]
    soc: Option<SocBody>,
    plugged_in: bool,
    /// Whether it is withdrawn from duty.
    out_of_service: bool,
}

#[derive(Serialize, ToSchema)]
#[schema(as = VehicleSoc)]
pub(crate) struct SocBody {
    percent: f64,
    source: SourceWord,
    at: DateTime<Utc>,
}

words! {
    SourceWord as SocSource for SocSource { Charger, Telematics, Manual, Estimate }
}

impl From<Vehicle> for VehicleBody {
    fn from(vehicle: Vehicle) -> Self {
        Self {
            id: vehicle.id.into(),
            fleet_number: vehicle.fleet_number,
            registration: vehicle.registration,
            vin: vehicle.vin,
            class: vehicle.class,
            depot_id: vehicle.depot.map(Into::into),
            battery_kwh: vehicle.battery.to_kilo(),
            max_ac_kw: vehicle.max_ac.to_kilo(),
            max_dc_kw: vehicle.max_dc.to_kilo(),
            efficiency_kwh_per_km: vehicle.efficiency_wh_per_km.map(|wh| kernel::Wh(wh).to_kilo()),
            target_soc_percent: vehicle.target_soc.to_percent(),
            soc: vehicle.soc.map(|observed| SocBody {
                percent: observed.soc.to_percent(),
                source: observed.source.into(),
                at: observed.at,
            }),
            plugged_in: vehicle.plugged_in.is_some(),
            out_of_service: vehicle.out_of_service,
        }
    }
}

/// kWh/km in the domain's whole Wh/km.
pub(super) fn efficiency(kwh_per_km: f64) -> i64 {
    kernel::Wh::from_kilo(kwh_per_km).get()
}
