//! What can refuse a use case of this domain.

use kernel::{Denied, Fault, FaultClass, StoreError};

#[derive(Debug, thiserror::Error)]
pub enum ChargingError {
    #[error("no such depot")]
    NoSuchDepot,
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("the depot's electrical tree cannot be used")]
    Unusable(#[from] crate::allocation::ProblemError),
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
            Self::Unusable(_) | Self::Order(_) => FaultClass::Internal,
            Self::Fenced => FaultClass::Unavailable,
            Self::Store(error) => error.class(),
        }
    }
}
