//! What can refuse a use case of this domain.

use kernel::{Denied, Fault, FaultClass, Invalid, StoreError};

#[derive(Debug, thiserror::Error)]
pub enum VehicleError {
    #[error("no such vehicle")]
    NoSuchVehicle,
    #[error("no such id tag")]
    NoSuchIdTag,
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error("another vehicle has this fleet number")]
    FleetNumberTaken,
    #[error("another vehicle has this vehicle identification number")]
    VinTaken,
    #[error("another id tag has this value")]
    TagTaken,
    #[error("the vehicle is plugged in")]
    PluggedIn,
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for VehicleError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Duplicate { rule } if rule == "fleet_number" => Self::FleetNumberTaken,
            StoreError::Duplicate { rule } if rule == "vin" => Self::VinTaken,
            StoreError::Duplicate { rule } if rule == "value" => Self::TagTaken,
            other => Self::Store(other),
        }
    }
}

impl Fault for VehicleError {
    fn class(&self) -> FaultClass<'_> {
        match self {
            Self::NoSuchVehicle | Self::NoSuchIdTag => FaultClass::NotFound,
            Self::Denied(denied) => FaultClass::Denied(*denied),
            Self::Invalid(invalid) => FaultClass::Invalid(invalid),
            Self::FleetNumberTaken => FaultClass::Conflict { code: "fleet_number_taken" },
            Self::VinTaken => FaultClass::Conflict { code: "vin_taken" },
            Self::TagTaken => FaultClass::Conflict { code: "id_tag_taken" },
            Self::PluggedIn => FaultClass::Conflict { code: "vehicle_plugged_in" },
            Self::Store(error) => error.class(),
        }
    }
}
