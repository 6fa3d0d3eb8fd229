//! A vehicle as callers see it.

use chrono::{DateTime, Utc};
use kernel::Invalid;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use vehicle::{Precondition, PriorityLevel, SocObservation, SocSource, Vehicle, VehicleState};

#[derive(Serialize, ToSchema)]
#[schema(as = Vehicle)]
pub(crate) struct VehicleBody {
    id: Uuid,
    /// The operator's own number, unique within the organisation.
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
    max_ac_kw: f64,
    max_dc_kw: f64,
    #[schema(required)]
    efficiency_kwh_per_km: Option<f64>,
    /// Charging aims at this state of charge.
    target_soc_percent: f64,
    /// 1 is the most important, 9 the least.
    #[schema(minimum = 1, maximum = 9)]
    priority_level: u8,
    /// What it takes from the charger before a departure, besides charging; and for how long.
    #[schema(required)]
    precondition_kw: Option<f64>,
    #[schema(required)]
    precondition_minutes: Option<u16>,
    /// The observation that is believed.
    #[schema(required)]
    soc: Option<SocBody>,
    state: StateWord,
    #[schema(required)]
    plugged_in: Option<PluggedIn>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = VehicleSoc)]
pub(crate) struct SocBody {
    percent: f64,
    source: SourceWord,
    at: DateTime<Utc>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct PluggedIn {
    evse_id: Uuid,
}

#[derive(Clone, Copy, Serialize, ToSchema)]
#[schema(as = VehicleState)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StateWord {
    Available,
    PluggedIn,
    OutOfService,
}

#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
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
        let state = match vehicle.state() {
            VehicleState::Available => StateWord::Available,
            VehicleState::PluggedIn => StateWord::PluggedIn,
            VehicleState::OutOfService => StateWord::OutOfService,
        };
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
            efficiency_kwh_per_km: vehicle
                .efficiency_wh_per_km
                .map(|efficiency| kernel::Wh(efficiency).to_kilo()),
            target_soc_percent: vehicle.target_soc.to_percent(),
            priority_level: vehicle.priority_level.get(),
            precondition_kw: vehicle.precondition.map(|before| before.power.to_kilo()),
            precondition_minutes: vehicle.precondition.map(|before| before.minutes),
            soc: vehicle.soc.map(SocBody::from),
            state,
            plugged_in: vehicle.plugged_in.map(|evse| PluggedIn { evse_id: evse.into() }),
            created_at: vehicle.created_at,
            updated_at: vehicle.updated_at,
        }
    }
}

impl From<SocObservation> for SocBody {
    fn from(observation: SocObservation) -> Self {
        Self { percent: observation.soc.to_percent(), source: observation.source.into(), at: observation.at }
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

pub(super) fn priority_level(level: u8, invalid: &mut Invalid) -> PriorityLevel {
    PriorityLevel::new(level).unwrap_or_else(|| {
        invalid.push("/priority_level", "out_of_range", "must be between 1 and 9");
        PriorityLevel::default()
    })
}

/// Both or neither.
pub(super) fn precondition(
    kilowatts: Option<f64>,
    minutes: Option<u16>,
    invalid: &mut Invalid,
) -> Option<Precondition> {
    match (kilowatts, minutes) {
        (None, None) => None,
        (Some(kilowatts), Some(minutes)) => {
            Some(Precondition { power: kernel::W::from_kilo(kilowatts), minutes })
        }
        (Some(_), None) => {
            invalid.push("/precondition_minutes", "required", "belongs to precondition_kw");
            None
        }
        (None, Some(_)) => {
            invalid.push("/precondition_kw", "required", "belongs to precondition_minutes");
            None
        }
    }
}

/// kWh/km in the domain's whole Wh/km.
pub(super) fn efficiency(kwh_per_km: f64) -> i64 {
    kernel::Wh::from_kilo(kwh_per_km).get()
}
