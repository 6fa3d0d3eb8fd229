//! A store in memory, builders, and the contract that every adapter of the ports must pass.

pub mod contract;
mod fake;

pub use fake::FakeVehicles;

use kernel::{Clock, IdSource, OrganisationId, PriorityLevel, Soc, Version, W, Wh, testing::FakeClock};

use crate::model::{IdTag, IdTagKind, IdTagStatus, IdTagValue, Vehicle};

/// A city bus: 350 kWh, 22 kW AC, 150 kW DC, to be charged to 90 %.
pub fn bus(ids: &dyn IdSource, organisation: OrganisationId, fleet_number: &str) -> Vehicle {
    let now = FakeClock::default().now();
    Vehicle {
        id: ids.uuid().into(),
        organisation,
        version: Version::FIRST,
        fleet_number: fleet_number.to_owned(),
        registration: None,
        vin: None,
        class: None,
        depot: None,
        battery: Wh(350_000),
        max_ac: W(22_000),
        max_dc: W(150_000),
        efficiency_wh_per_km: Some(1_200),
        target_soc: Soc::from_hundredths(9_000).expect("below 10,000"),
        priority_level: PriorityLevel::default(),
        precondition: None,
        out_of_service: false,
        soc: None,
        plugged_in: None,
        created_at: now,
        updated_at: now,
    }
}

/// An active RFID tag without a vehicle.
pub fn rfid(ids: &dyn IdSource, organisation: OrganisationId, value: &str) -> IdTag {
    let now = FakeClock::default().now();
    IdTag {
        id: ids.uuid().into(),
        organisation,
        version: Version::FIRST,
        value: IdTagValue::normalise(value),
        kind: IdTagKind::Rfid,
        vehicle: None,
        status: IdTagStatus::Active,
        expires_at: None,
        created_at: now,
        updated_at: now,
    }
}
