//! What can refuse a use case of this domain.

use kernel::{Denied, Fault, FaultClass, HashError, Invalid, StoreError};

use crate::model::IllegalTransition;

#[derive(Debug, thiserror::Error)]
pub enum ChargePointError {
    #[error("no such charge point")]
    NoSuchChargePoint,
    #[error("no such command")]
    NoSuchCommand,
    #[error("no such maintenance window")]
    NoSuchMaintenanceWindow,
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error("another charge point has this identity")]
    IdentityTaken,
    #[error("a transaction is open at the charge point")]
    OpenTransaction,
    #[error(transparent)]
    IllegalTransition(#[from] IllegalTransition),
    #[error(transparent)]
    Hash(#[from] HashError),
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for ChargePointError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Duplicate { rule } if rule == "identity" => Self::IdentityTaken,
            other => Self::Store(other),
        }
    }
}

impl Fault for ChargePointError {
    fn class(&self) -> FaultClass<'_> {
        match self {
            Self::NoSuchChargePoint | Self::NoSuchCommand | Self::NoSuchMaintenanceWindow => {
                FaultClass::NotFound
            }
            Self::Denied(denied) => FaultClass::Denied(*denied),
            Self::Invalid(invalid) => FaultClass::Invalid(invalid),
            Self::IdentityTaken => FaultClass::Conflict { code: "identity_taken" },
            Self::OpenTransaction => FaultClass::Conflict { code: "transaction_open" },
            Self::IllegalTransition(_) => FaultClass::Conflict { code: "command_finished" },
            Self::Hash(_) => FaultClass::Internal,
            Self::Store(error) => error.class(),
        }
    }
}
