//! What can refuse a use case of this domain.

use kernel::{Denied, Fault, FaultClass, Invalid, StoreError};

#[derive(Debug, thiserror::Error)]
pub enum DepotError {
    #[error("no such depot")]
    NoSuchDepot,
    #[error("no such zone")]
    NoSuchZone,
    #[error("no such bay")]
    NoSuchBay,
    #[error("no such circuit")]
    NoSuchCircuit,
    #[error("no such limit window")]
    NoSuchLimitWindow,
    #[error("the depot has no electricity tariff")]
    NoTariff,
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error("the code is already in use")]
    CodeTaken,
    #[error("the depot still has {0}")]
    DepotInUse(&'static str),
    #[error("bays or charge points still belong to the zone")]
    ZoneInUse,
    #[error("{0} still hang on the circuit")]
    CircuitInUse(&'static str),
    #[error("the depot has a grid connection already; other circuits need a parent")]
    GridConnectionExists,
    #[error("the depot has the most circuits it may have")]
    TooManyCircuits,
    #[error("the circuit has the most limit windows it may have")]
    TooManyWindows,
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for DepotError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Duplicate { rule } if rule == "code" => Self::CodeTaken,
            StoreError::Duplicate { rule } if rule == "root" => Self::GridConnectionExists,
            other => Self::Store(other),
        }
    }
}

impl Fault for DepotError {
    fn class(&self) -> FaultClass<'_> {
        match self {
            Self::NoSuchDepot
            | Self::NoSuchZone
            | Self::NoSuchBay
            | Self::NoSuchCircuit
            | Self::NoSuchLimitWindow
            | Self::NoTariff => FaultClass::NotFound,
            Self::Denied(denied) => FaultClass::Denied(*denied),
            Self::Invalid(invalid) => FaultClass::Invalid(invalid),
            Self::CodeTaken => FaultClass::Conflict { code: "code_taken" },
            Self::DepotInUse(_) => FaultClass::Conflict { code: "depot_in_use" },
            Self::ZoneInUse => FaultClass::Conflict { code: "zone_in_use" },
            Self::CircuitInUse(_) => FaultClass::Conflict { code: "circuit_in_use" },
            Self::GridConnectionExists => FaultClass::Conflict { code: "grid_connection_exists" },
            Self::TooManyCircuits => FaultClass::Conflict { code: "too_many_circuits" },
            Self::TooManyWindows => FaultClass::Conflict { code: "too_many_windows" },
            Self::Store(error) => error.class(),
        }
    }
}
