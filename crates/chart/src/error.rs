//! What can refuse a chart.

use kernel::{Denied, Fault, FaultClass, Invalid, StoreError};

#[derive(Debug, thiserror::Error)]
pub enum ChartError {
    #[error("no such depot")]
    NoSuchDepot,
    #[error("no such circuit")]
    NoSuchCircuit,
    #[error("no such charge point")]
    NoSuchChargePoint,
    #[error("no such vehicle")]
    NoSuchVehicle,
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for ChartError {
    fn class(&self) -> FaultClass<'_> {
        match self {
            Self::NoSuchDepot | Self::NoSuchCircuit | Self::NoSuchChargePoint | Self::NoSuchVehicle => {
                FaultClass::NotFound
            }
            Self::Denied(denied) => FaultClass::Denied(*denied),
            Self::Invalid(invalid) => FaultClass::Invalid(invalid),
            Self::Store(error) => error.class(),
        }
    }
}
