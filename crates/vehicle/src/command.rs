//! What callers may ask for, and the checks that turn input into valid values.

use kernel::{Change, DepotId, Invalid, PriorityLevel, Soc, Timestamp, VehicleId, W, Wh};

use crate::model::{IdTagKind, IdTagStatus, Precondition, SocSource, Vehicle, VehicleName};

/// A new vehicle. Ranges: battery 1 to 2,000 kWh, AC up to 100 kW, DC up to 4,000 kW (at least one
/// of them), 50 to 10,000 Wh/km, target above 0 %.
#[derive(Clone, Debug)]
pub struct CreateVehicle {
    pub fleet_number: String,
    pub registration: Option<String>,
    pub vin: Option<String>,
    pub class: Option<String>,
    pub depot: Option<DepotId>,
    pub battery: Wh,
    pub max_ac: W,
    pub max_dc: W,
    pub efficiency_wh_per_km: Option<i64>,
    pub target_soc: Soc,
    pub priority_level: PriorityLevel,
    /// Up to 100 kW for up to four hours.
    pub precondition: Option<Precondition>,
}

/// A merge patch of a vehicle.
#[derive(Clone, Debug, Default)]
pub struct ChangeVehicle {
    pub fleet_number: Option<String>,
    pub registration: Change<String>,
    pub vin: Change<String>,
    pub class: Change<String>,
    pub depot: Change<DepotId>,
    pub battery: Option<Wh>,
    pub max_ac: Option<W>,
    pub max_dc: Option<W>,
    pub efficiency_wh_per_km: Change<i64>,
    pub target_soc: Option<Soc>,
    pub priority_level: Option<PriorityLevel>,
    pub precondition: Change<Precondition>,
    pub out_of_service: Option<bool>,
}

#[derive(Clone, Copy, Debug)]
pub struct ReportSoc {
    pub soc: Soc,
    pub source: SocSource,
    /// Now, unless told. At most five minutes ahead of our clock.
    pub at: Option<Timestamp>,
}

/// One report of a batch.
#[derive(Clone, Debug)]
pub struct Observation {
    pub vehicle: VehicleName,
    pub soc: Soc,
    /// At most five minutes ahead of our clock.
    pub at: Timestamp,
}

#[derive(Clone, Debug)]
pub struct CreateIdTag {
    pub value: String,
    pub kind: IdTagKind,
    pub vehicle: Option<VehicleId>,
    pub status: IdTagStatus,
    pub expires_at: Option<Timestamp>,
}

/// A merge patch of an id tag. Its value and kind are its identity and do not change.
#[derive(Clone, Debug, Default)]
pub struct ChangeIdTag {
    pub vehicle: Change<VehicleId>,
    pub status: Option<IdTagStatus>,
    pub expires_at: Change<Timestamp>,
}

impl ChangeVehicle {
    /// Applies the patch; the result still has to be checked.
    pub(crate) fn apply(self, vehicle: &mut Vehicle) {
        fn set<T>(field: &mut T, value: Option<T>) {
            if let Some(value) = value {
                *field = value;
            }
        }
        set(&mut vehicle.fleet_number, self.fleet_number);
        self.registration.apply(&mut vehicle.registration);
        self.vin.apply(&mut vehicle.vin);
        self.class.apply(&mut vehicle.class);
        self.depot.apply(&mut vehicle.depot);
        set(&mut vehicle.battery, self.battery);
        set(&mut vehicle.max_ac, self.max_ac);
        set(&mut vehicle.max_dc, self.max_dc);
        self.efficiency_wh_per_km.apply(&mut vehicle.efficiency_wh_per_km);
        set(&mut vehicle.target_soc, self.target_soc);
        set(&mut vehicle.priority_level, self.priority_level);
        self.precondition.apply(&mut vehicle.precondition);
        set(&mut vehicle.out_of_service, self.out_of_service);
    }
}

/// Tidies the texts of a vehicle and checks every rule at once.
pub(crate) fn check(vehicle: &mut Vehicle) -> Result<(), Invalid> {
    let mut invalid = Invalid::default();
    vehicle.fleet_number = invalid.text("/fleet_number", &vehicle.fleet_number, 64);
    if let Some(registration) = &mut vehicle.registration {
        *registration = invalid.text("/registration", registration, 32);
    }
    if let Some(class) = &mut vehicle.class {
        *class = invalid.text("/class", class, 40);
    }
    if let Some(vin) = &mut vehicle.vin {
        *vin = vin.trim().to_ascii_uppercase();
        let letters =
            |c: char| c.is_ascii_digit() || (c.is_ascii_uppercase() && !matches!(c, 'I' | 'O' | 'Q'));
        if vin.len() != 17 || !vin.chars().all(letters) {
            invalid.push("/vin", "malformed", "must be 17 letters and digits without I, O and Q");
        }
    }
    invalid.range("/battery_kwh", vehicle.battery.to_kilo(), 1.0, 2_000.0);
    invalid.range("/max_ac_kw", vehicle.max_ac.to_kilo(), 0.0, 100.0);
    invalid.range("/max_dc_kw", vehicle.max_dc.to_kilo(), 0.0, 4_000.0);
    if vehicle.max_ac == W::ZERO && vehicle.max_dc == W::ZERO {
        invalid.push("/max_ac_kw", "required", "a vehicle charges by AC, by DC or by both");
    }
    if let Some(efficiency) = vehicle.efficiency_wh_per_km {
        invalid.range("/efficiency_kwh_per_km", W(efficiency).to_kilo(), 0.05, 10.0);
    }
    if let Some(Precondition { power, minutes }) = vehicle.precondition {
        invalid.range("/precondition_kw", power.to_kilo(), 0.1, 100.0);
        invalid.range("/precondition_minutes", f64::from(minutes), 1.0, 240.0);
    }
    if vehicle.target_soc == Soc::EMPTY {
        invalid.push("/target_soc_percent", "out_of_range", "must be above 0");
    }
    invalid.into_result()
}
