//! What can refuse a use case of this domain.

use kernel::{Denied, Fault, FaultClass, Invalid, StoreError};

#[derive(Debug, thiserror::Error)]
pub enum ChargingError {
    #[error("no such depot")]
    NoSuchDepot,
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("the depot's electrical tree cannot be used")]
    Unusable(#[from] crate::allocation::ProblemError),
    #[error("the depot cannot be planned")]
    Unplannable(#[from] crate::plan::ProblemError),
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error("an order to a charger was refused")]
    Order(#[source] charge_point::ChargePointError),
    #[error("another process has taken this depot over")]
    Fenced,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for ChargingError {
    fn class(&self) -> FaultClass<'_> {
        match self {
            Self::NoSuchDepot => FaultClass::NotFound,
            Self::Denied(denied) => FaultClass::Denied(*denied),
            Self::Unusable(_) | Self::Unplannable(_) | Self::Order(_) => FaultClass::Internal,
            Self::Invalid(invalid) => FaultClass::Invalid(invalid),
            Self::Fenced => FaultClass::Unavailable,
            Self::Store(error) => error.class(),
        }
    }
}
